"""Words of Open Badges 3.0 that a definition carries into badges: only these are taken by other software. Pure.

Source: Open Badges 3.0, AchievementType, and the published JSON Schema, whose pattern for terms of one's own takes no
hyphen directly after "ext:".
"""

import difflib
import re

ACHIEVEMENT_TYPES = (
    "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
    "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CoCurricular", "CommunityService",
    "Competency", "Course", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment",
    "JourneymanCertificate", "LearningProgram", "License", "MasterCertificate", "MasterDegree", "Membership",
    "MicroCredential", "ProfessionalDoctorate", "QualityAssuranceCredential", "ResearchDoctorate",
    "SecondarySchoolDiploma",
)  # fmt: skip
_OWN = re.compile(r"ext:[A-Za-z0-9._][A-Za-z0-9._-]{0,99}")
_SQUEEZED = {re.sub(r"[^a-z]", "", name.lower()): name for name in ACHIEVEMENT_TYPES}


def is_achievement_type(term: str) -> bool:
    """Whether a term may stand as `achievementType`: one of the vocabulary, letter for letter, or ext:…"""
    return term in ACHIEVEMENT_TYPES or _OWN.fullmatch(term) is not None


def same_type(term: str) -> str:
    """Return the term of the vocabulary that differs in nothing but case and signs, "" when there is none."""
    return term if is_achievement_type(term) else _SQUEEZED.get(re.sub(r"[^a-z]", "", term.lower()), "")


def nearest_types(term: str) -> list[str]:
    """Return up to three terms of the vocabulary that may have been meant, the likeliest first."""
    if same := same_type(term):
        return [same]
    alike = difflib.get_close_matches(re.sub(r"[^a-z]", "", term[:100].lower()), list(_SQUEEZED), n=3, cutoff=0.5)
    return [_SQUEEZED[one] for one in alike]
