// Made by config/words/make_tables from the data of Unicode; see lti_mcred/evidence/counting.py.
export const TABLE =
  "Dy Q5 M5 P2 N2.9 L1 M1 A6.p E5 A2.p A1c X3 A8 L2 A1 A2 A6.m A2.u A2.db A7.x X1.33 A1.4 A2.1 A3.3 M1 A1 A7 L1 " +
  "A1.2 A2 A2.j A2.2a A2.3u X2.6 A1.4l A2.11 A2.4 A2 L1 A1.14 M1 A1.2 X5.18 X2 X2.1 X2.1 X2.2 B7.q B5.3 A1 L1 " +
  "Nc.5 M7.1 X3.a X2 A4.16 X1.k N1.9 N2 M1 A2.1 X1 A1.2q A2 X1.6 N1 X2.5 A1.1 X1.1 X2.3 A1.1 N1.9 A1.2 A3 Ag.1 " +
  "X1 A1.t X1.q A3.2g X1.a A1 Nf.9 A1.w X1.8 A1.1 M3 A2 X3 A3.l X1.3 A1 X1.8 A1 X1.2 A1 X1.4 Aj.o X1.2 A5.a " +
  "A6.n A2.6 N1.1 X6.8 A1.15 X1.n N1 X1.w A1.1h X1.2 A1 X1.h A1 X1.6 A1.9 X1.1 N3.9 A2.f X1.2 A2.7 A3.1 A3.l " +
  "A2.6 A2 A4.3 X3 A1 X1.6 X3.1 X3.2 A1 X9 A5.1 A2.2 X1.1 N3.9 A1.1 Ab X2 X3.2 A2.5 A5.1 A3.l A2.6 A2.1 A2.1 " +
  "A2.1 X3 X2.4 X5.1 X3.2 X4 A8.3 A2 N8.9 X1.1 A1.2 X1 Xc.2 A2.8 A2.2 A2.l A2.6 A2.1 A2.4 X3 A1 X1.7 X2.2 X2.2 " +
  "A3 Ag.1 X1.1 N3.9 Aa X1.5 X2.2 A2.7 A3.1 A3.l A2.6 A2.1 A2.4 X3 A1 X1.6 X3.1 X3.2 X6.4 A5.1 A2.2 X1.1 N3.9 " +
  "A2 Xh A1 A2.5 A4.2 A2.3 A4.1 A2 A2.1 A4.1 A4.2 A4.b X5.4 X4.2 X2.3 A3 X7 Nf.9 Xh.4 A1.7 A2.2 A2.m A2.f X3 A1 " +
  "X1.6 X2.2 X2.3 X8.1 A2.2 A2.1 A3.1 X1.1 N3.9 Ah X1.2 A2.7 A2.2 A2.m A2.9 A2.4 X3 A1 X1.6 X2.2 X2.3 X8.1 A6.2 " +
  "A2.1 X1.1 N3.9 A2.1 X1 Xd.3 A1.8 A2.2 A2.14 X1.1 A1 X1.6 X2.2 X2.3 A1 A6.2 X1 A8.2 X1.1 N3.9 Ab.5 X2.2 A2.h " +
  "A4.n A2.8 A2 A3.6 X4 X5.5 X2 X2.7 N7.9 X3.1 Se.1b X1 S1.1 X1.6 S6.6 X1.7 N2.9 S14.1 S2 S2.4 S2.n S2 S2.9 X1 " +
  "S1.1 X1.8 S1 S3.4 S2 X2.6 N2.9 S3.3 Ax Xo.1 N7.9 Xc X2 X2 X5.1 A1.7 A2.z X5.j X2.1 A1.4 X1.a X2.z Xa S1m.16 " +
  "X1.j S1 N1.9 S7.5 X1.3 S1.3 X1.2 S1 X1.2 S1.1 X1.6 S1.2 X1.3 S1.c X1.b S1 X1 N1.9 X1.3 S1.1 A1.11 A2 A6 " +
  "A3.16 A2.98 A2.3 A3.6 A2 A2.3 A3.14 A2.3 A3.w A2.3 A3.6 A2 A2.3 A3.e A2.1k A2.3 A3.1u X3.2 Ax.f Ah.2d A3.5 " +
  "A4.h7 A3.g A2.p A6.22 A4.a A8.h X1.3 Aa.i X1.2 Ac.h X1.1 Ad.c A2.2 X2.1 Sd.1f X1.v S4 S5 X1 N3.9 Xy.4 N1.9 " +
  "A7.2g A8.4 X1.1 A1.x X1 A1 A6.1x Ab.u X2.b X5.b Nb.9 S1.t S3.4 Sc.17 S5.p N7.a S4.1 Ax.m X1.4 S5.1g X1.9 " +
  "X2.s X3 N1.9 N7.9 S7.d X3.1s Xg.4 A1.1a X1.g A1.7 N4.9 Xi.8 Xd.2 A1.t X1.c A1.1 N1.9 A1.17 X1.d Ad.z X1.j " +
  "N9.9 A4.2 N1.9 A1.z A3.a A6.16 A3.2 Xh.2 X2.k A1.3 X1 A1.5 X1 A1.1 X1.2 A1 A6.5b X1.1r A1.7p A3.5 A3.11 A3.5 " +
  "A3.7 A2 A2 A2 A2.u A3.1g A2.6 A2 A4.2 A2.6 A4.3 A3.5 A5.c A6.2 A2.6 Xg.3 P9.1 Pb L3 X3.4 E1 Eg.1 M4 Eg Xc.4 " +
  "X2.9 A2 Ae Ag.g X1d.w Ai A5 A3.9 A2 A4.4 A7 A2 A2 A2.3 A2.a A3.3 A6.4 A5 Ai.14 Amm.1f A1ef.6c A7.3 X1.2 A1.1 " +
  "Ad.11 A2 A6 A3.1j A8 Xg A1.m Aa.6 A2.6 A2.6 A2.6 A2.6 A2.6 A2.6 A2.6 X2.v A1c Hd2.2 Hq.8 X1.5 H2.4 H3.3 A1 " +
  "H5.2d X3.1 H3.2 H2.2h H2.3 A6.16 A2.2l Ai.v H1d.f He9.533 H1t.g73 A1.wc A1w.19 A3.7g A4.f N1.9 A1.1 Al.1a " +
  "X1.3 X2.9 A2.u X1.1 A1.27 X1.1 An.5x A5 Af.g X1 A1.2 X1 A1.3 X1 A1.m X1.4 X5 Ak.1f Xd.1 A1.1d X1.h Nb.9 X7.h " +
  "A1.5 A4 A2.1 X1 N1.9 A1.r X1.7 A3.m X1.c Ad.s X4.3 A1.1a X1.d Af N1.9 S7.4 X1 S1.9 N1.9 S1.4 A2.14 X1.d Aa.2 " +
  "X1 A1.7 X1.1 N3.9 S7.q X1.2 S1.1d X1 S1 X1.2 S1.1 X1.1 S1.4 X1.1 S1 X1 S1 Sp.4 A1.a X1.4 A3.2 X1.1 Ab.5 A3.5 " +
  "A3.5 Aa.6 A2.6 A2.1l A3.1 A3.36 X1.7 X2.1 N3.9 A7.8mb Ad.m A5.1c H6it.a5 H3.2x A13.6 Ad.4 B6 X1 B1.9 B2.c " +
  "B2.4 B2 B2.1 B2.1 B2.9 A1.2p Ay.a2 Aj.1r A3.1h A15.b X5.f L4 Xd.f E4.1 Ep.2 M1 P2 M2 L1 Ar.4 A2.3q X3 P8 M5 " +
  "P2 N2.9 L1 M1 A6.p E5 A2.p Hc.1j X1.1 A1.u A4.5 A3.5 A3.5 A3.2 Xt.2 A5.b A2.p A2.i A2.1 A2.e A3.d Az.3e " +
  "A1y.1g X3t A3n.s A4.1c Xg Aw.v Ae.t A6.11 X1.4 A6.t A3.z A5.7 A2.4 A17.4d N3.9 A7.z A5.z A5.13 A9.1f Ad.a " +
  "A2.e A2.6 A2.1 A2.a A2.e A2.6 A2.1 A4.1f Ad.8m Aa.l Ab.7 Ap.5 A2.15 A2.d A1t.5 A3 A2.17 A2.1 A4 A3.m Ab.m " +
  "Aa.u A1u.i A2.1 Ab.l Ab.p A7.p A13.1j A7.1 A1t X1.2 X2.1 X6.3 A1.3 A2.2 A2.s X3.2 X5 Ax.s A4.s A10.7 A2.r " +
  "X1.1 Aq.1h Ab.l Ab.i Ae.h A33.20 A1k.1e Ae.1e Ae.z X1.3 N9.9 N7.9 A1.r X4.4 A2.m A6z.15 X2.1 A4.1 Ah.5 X4.4 " +
  "Aa.l X2.f A1.s Ab A9.l X1.a Aw.h X1.3 A17.k As.m Xa.2 A1.1g X1.e Nw.9 X1 A1.1 X1.1 A1 Xa.3 A1.18 X1.a N3 X5 " +
  "Nb A3.o N8.9 X7.2 A1.z X1.d N2.9 A5 X1.1 A1 A9.y X1 A3 Xa.2 A1.1b X1.d A1.3 X5.3 X2.1 N1.9 A1 A2 A10.h A2.o " +
  "X1.b X7 A1.1 X1 A1r.6 A2 A2.3 A2.e A2.9 A8.1a X1.b N6.9 X7.3 A2.7 A3.1 A3.l A2.6 A2.1 A2.4 X2.1 A1 X1.6 X3.1 " +
  "X3.2 A3 X7 A6.4 X1.1 X3.6 X4.4 Ac.9 A2 A3 A2.11 A2 X1.8 X2 X3 X2.3 X2.4 A1 X1 A1 Xe.1 Au.1g X1.h A1.3 N6.9 " +
  "X5 A1.2 Av.1b X1.j A1.1 A2 N9.9 A4n.1a X1.6 X3.8 Ao.3 X1.1 Az.1b X1.g A4 Nc.9 A13.16 X1.c A1 N8.9 N7.j St.q " +
  "X3.e N5.9 S1.1 S4.7 A56.17 X1.e A2u.1r N1.9 Am.7 A3 A3.7 A2.1 A2.n X1.5 X2.1 X3.3 A1 X1 A1 X1.1 Nd.9 A1z.7 " +
  "A3.12 X1.6 X3.6 A1 A2 X1 As X1.9 A1.13 X1.6 A1 X1.3 X9 A9 X1.a A1.19 X1.f A4 Aj.20 Ai X2e.7 A2h.w Ng.9 A7.8 " +
  "A2.10 X1.7 X2.7 A1 Ng.9 Ap.t X3.l X2.d A22.6 A2.1 A2.11 X1.5 X4 X2.1 X2.6 A1 X1 N9.9 A7.5 A2.1 A2.v X1.4 " +
  "X2.1 X2.4 A1 N8.9 A7.17 N5.9 X7 A1 A6n.i X1.3 Xa.1 A1 X1 A1.c A2.x X1.6 X4.4 Ne.9 X1 A2e A28.pl A2v.33 A6.5q " +
  "Ad.8m A1sa.2o Ag.tr X1.g A1.5 X1.e Ab.32y A6.g6 A5a2.t X1.h N1.9 A1c7.fs A8.u N2.9 A7.26 N2.9 A7.t X3.4 " +
  "Ac.1b X1.6 Aa.3 Nd.9 Aa.k A6.i Ac1.18 N4.9 A5j.1r Ax.o A3.o A19.22 X5 A1 X1.1i X8.3 A1.c A1t.1 H2 X1 Xc.1 " +
  "H1.4 Ha.5p6 H11.x H2o.36 He.pd Hf.1e H5y6.3 H2.6 H2.1 H2.88 Ha Hu.2 H3 Hf.4 H8.az A1s5.2y A6.c A4.8 A8.9 " +
  "X4.1 X2.3 N37x.9 Xef.19 X3.m Xdd.1 X1p.4 X4.l X3.6 Xv.3 X45.2 Xc.2 X9.1 X3 Xx.1 Aan.2c A2.1y A2.1 A3 A3.1 " +
  "A3.3 A2.b A2 A2.6 A2.1s A2.3 A3.7 A2.6 A2.r A2.3 A2.4 A2 A4.6 A2.9g A2.o A2.o A2.u A2.o A2.u A2.o A2.u A2.o " +
  "A2.u A2.o A2.7 N3.1d Xe9.1i X5.1d X9 Xf Xn.4 X2.e Aup.3l Af.6 A1j.1e X1.6 X2.g X3.6 X2.1 X2.4 A6.1p Xy " +
  "A35.18 X4.6 A1.6 N3.9 A5 A8y.t X1 Ai.17 X1.3 N1.9 Ad3.r X1.3 N1.9 A5z.t X1.1 A1 N1.9 A5i.u A2.2 X1 A1.1 X1 " +
  "A1.6 X1.1 A1.4 X1 A9.1 A69.6 A2.3 A2.1 A2.e A2.5g Xc.6 A16.1v X1.6 A1 N5.9 Ax3.3 A2.q A2.1 A2 A3 A2.9 A2.3 " +
  "A2 A2 A7 A5 A2 A2 A2.2 A2.1 A2 A3 A2 A2 A2 A2 A2.1 A2 A3.3 A2.6 A2.3 A2.3 A2 A2.9 A2.g A6.2 A2.4 A2.g Ahh.p " +
  "A7.p A7.p Xhe.4 N1kh.9 Hsn.wyn Hx.3dq H2.4gd H3.5rk Hg.h9 H1wj.f1 H15v.3t6 H6.6jt Hupz.8qn Xe2f6 Xv.2n " +
  "X3l.6n ";
