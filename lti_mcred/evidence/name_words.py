"""English words that are names of people as well: they stand in texts in which nobody is named. Pure data."""

_MONTHS = """
april august december february january july june march may november october september
"""
_WORDS = """
able ace adams ally an angel any are art ash autumn baker banks barber bay bell berry best bill bishop black blue
bond booth bowl brook brooks brown buck bush butcher butler can cane carpenter carter case chance chase chip
christian church clay clerk cliff cole cook cooper court cross crystal dale dawn day dean dick dig do don dong drew
duke dusty earl east ever faith farmer field fields fisher flint flora for ford forest fox frank free french gale
gates gay gene gift glen glory good grace grant gray green guy hale hall hand harmony harry haven hazel heath
heather her hill his holly home honor hope house hunt hunter iris iron its ivy jack jade jean jet jewel job joy
judge king knight lake lamb lance land lane lark laurel law lily lion little long lord love low luck major man mark
marks mason max mercy miles mill miller mills moon moore more nan nice noble north oak olive our page paige park
parker parks pat patience peace pearl penny pepper piper plum pool poppy porter post potter power price prince
prudence queen rain ray read reed rice rich river rivers rob robin rock rod rose rosemary royal ruby rush sage sail
sand sandy shade sharp she shepherd short singer sky small smart smith snow son south spring star stark steel stone
storm strong sue summer summers sun sunny swan sweet tan taylor temple terry the tile too tracy trinity trip troy
true turner vale van verity victor viola violet wade walker wall walls ward was waters weaver wells west wheeler
white wild will willow wills win winter wise wolf wood woods yes you young
"""
MONTHS = frozenset(_MONTHS.split())
ORDINARY = MONTHS | frozenset(_WORDS.split())
