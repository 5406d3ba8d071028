"""The nationality words of the real files, written down by hand: ISO 3166-1 alpha-3 and region.

Regions follow UN M49; Asia takes in Western Asia (the Middle East, Turkey too). A word that is not here
raises ``KeyError``, so that a new file can't be counted wrong in silence. Shares nothing with the product.
"""

UK, REST, AFRICA, ASIA = "UK", "REST", "AFRICA", "ASIA"

_AFRICA = """
Algerian DZA, Angolan AGO, Beninese BEN, Central African CAF, Chadian TCD, Citizen of Guinea Bissau GNB,
Congolese (Congo) COG, Congolese Drc COD, Egyptian EGY, Eritrean ERI, Ethiopian ETH, Gambian GMB, Ghanaian GHA,
Ivorian CIV, Kenyan KEN, Libyan LBY, Mauritanian MRT, Moroccan MAR, Namibian NAM, Nigerian NGA,
Sierra Leonean SLE, Somali SOM, South Sudanese SSD, Sudanese SDN, Tanzanian TZA, Togolese TGO, Zimbabwean ZWE
"""
_ASIA = """
Afghan AFG, Bangladeshi BGD, Chinese CHN, Filipino PHL, Indian IND, Indonesian IDN, Iranian IRN, Iraqi IRQ,
Jordanian JOR, Malaysian MYS, Pakistani PAK, Saudi Arabian SAU, Sri Lankan LKA, Syrian SYR, Thai THA, Turkish TUR,
Vietnamese VNM, Yemeni YEM
"""
_EUROPE_AND_AMERICAS = """
Albanian ALB, Argentine ARG, Bolivian BOL, Brazilian BRA, Bulgarian BGR, Colombian COL, Czech CZE, Dominican DOM,
Dutch NLD, French FRA, Grenadian GRD, Haitian HTI, Honduran HND, Hungarian HUN, Italian ITA, Jamaican JAM,
Kosovan XKX, Macedonian MKD, Polish POL, Portuguese PRT, Romanian ROU, Trinidadian TTO
"""


def iso_codes(words):
    """Give the ISO codes of one nationality or of two that stand side by side, ascending."""
    words = " ".join(words.split())
    if words in _CODES:
        return (_CODES[words],)
    parts = words.split(" ")
    for cut in range(1, len(parts)):
        pair = " ".join(parts[:cut]), " ".join(parts[cut:])
        if all(word in _CODES for word in pair):
            return tuple(sorted(_CODES[word] for word in pair))
    raise KeyError(words)


def region(words):
    """Give the finest region: the UK if one nationality is, else that of the first code alphabetically."""
    codes = iso_codes(words)
    return UK if "GBR" in codes else _REGIONS[min(codes)]


def _read():
    codes, regions = {"UK": "GBR"}, {"GBR": UK}
    for text, place in ((_AFRICA, AFRICA), (_ASIA, ASIA), (_EUROPE_AND_AMERICAS, REST)):
        for entry in text.replace("\n", " ").split(","):
            word, _, code = entry.strip().rpartition(" ")
            codes[word] = code
            regions[code] = place
    return codes, regions


_CODES, _REGIONS = _read()
