"""Registers: where moderators look a number up themselves, whatever address the applicant typed.

Addresses are those of the bodies that keep the registers (docs/vetting.md); a country without a row has no public
look-up that we know of. A number is refused on the form only if the register that the applicant names cannot have
issued it.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from accounts.membership.models import Profession
from accounts.vetting.checking.numbers import FORMS, Finding, Verdict, examine
from accounts.vetting.models import Application, comparable

DOCTORS = frozenset(
    (Profession.DERMATOLOGIST, Profession.DERMATOPATHOLOGIST, Profession.RESIDENT, Profession.PHYSICIAN)
)
NURSES = frozenset((Profession.NURSE,))


@dataclass(frozen=True)
class Register:
    """A register. `forms` names those of its numbers; `is_sole` says that its numbers have no other form.

    `entry` is the address of one entry, with {number} for the letters and digits of a number that has the form.
    """

    country: str
    name: str
    address: str
    forms: tuple[str, ...] = ()
    is_sole: bool = False
    entry: str = ""
    professions: frozenset[Profession] = field(default=DOCTORS)

    @property
    def host(self) -> str:
        """The host of its address, without `www.`."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.")

    def has(self, url: str) -> bool:
        """Whether an address is on this register's site."""
        host = (urlsplit(url).hostname or "").lower()
        return host == self.host or host.endswith("." + self.host)

    def verdicts(self, number: str) -> set[Verdict]:
        """Return what each form says of a number."""
        return {FORMS[name].verdict(comparable(number)) for name in self.forms}

    def address_of(self, number: str) -> str:
        """Return the address of the entry of this number where there is one, else that of the register."""
        if self.entry and self.verdicts(number) & {Verdict.CHECK_DIGIT, Verdict.FORM}:
            return self.entry.format(number=comparable(number))
        return self.address


BOTH = DOCTORS | NURSES
REGISTERS: tuple[Register, ...] = (
    Register("AR", "REFEPS, Ministerio de Salud", "https://sisa.msal.gov.ar/", professions=BOTH),
    Register("AT", "Österreichische Ärztekammer", "https://www.aerztekammer.at/"),
    Register(
        "AU",
        "AHPRA",
        "https://www.ahpra.gov.au/Registration/Registers-of-Practitioners.aspx",
        forms=("ahpra",),
        is_sole=True,
        professions=BOTH,
    ),
    Register("BD", "Bangladesh Medical & Dental Council", "https://www.bmdc.org.bd/"),
    Register(
        "BE", "INAMI/RIZIV", "https://webappsa.riziv-inami.fgov.be/silverpages", forms=("inami",), professions=BOTH
    ),
    Register("BG", "Български лекарски съюз", "https://blsbg.com/"),
    Register("BR", "Conselho Federal de Medicina", "https://portal.cfm.org.br/busca-medicos", forms=("crm",)),
    Register("CA", "Medical Identification Number for Canada", "https://www.minc-nimc.ca/", forms=("minc",)),
    Register("CA", "College of Physicians and Surgeons of Ontario", "https://www.cpso.on.ca/"),
    Register("CA", "Collège des médecins du Québec", "https://www.cmq.org/"),
    Register("CA", "College of Physicians and Surgeons of British Columbia", "https://www.cpsbc.ca/"),
    Register("CH", "MedReg", "https://www.medregom.admin.ch/", forms=("gln",)),
    Register("CH", "NAREG", "https://www.nareg.ch/", forms=("gln",), professions=NURSES),
    Register("CL", "Superintendencia de Salud, RNPI", "https://rnpi.superdesalud.gob.cl/", professions=BOTH),
    Register("CO", "ReTHUS, Ministerio de Salud", "https://web.sispro.gov.co/", professions=BOTH),
    Register("CR", "Colegio de Médicos y Cirujanos", "https://www.medicos.cr/"),
    Register("CZ", "Česká lékařská komora", "https://www.lkcr.cz/seznam-lekaru"),
    Register("DE", "Bundesärztekammer", "https://www.bundesaerztekammer.de/", forms=("lanr", "efn")),
    Register(
        "DK",
        "Styrelsen for Patientsikkerhed",
        "https://autregweb.sst.dk/",
        forms=("autorisation",),
        professions=BOTH,
    ),
    Register("ES", "Consejo General de Colegios de Médicos", "https://www.cgcom.es/", forms=("colegiado",)),
    Register("FI", "Valvira, JulkiTerhikki", "https://julkiterhikki.valvira.fi/", professions=BOTH),
    Register("FR", "Annuaire Santé", "https://annuaire.sante.fr/", forms=("rpps",), professions=BOTH),
    Register("FR", "Ordre national des médecins", "https://www.conseil-national.medecin.fr/", forms=("rpps",)),
    Register(
        "GB",
        "General Medical Council",
        "https://www.gmc-uk.org/registration-and-licensing/our-registers",
        forms=("gmc",),
        is_sole=True,
        entry="https://www.gmc-uk.org/registrants/{number}",
    ),
    Register(
        "GB",
        "Nursing and Midwifery Council",
        "https://www.nmc.org.uk/registration/search-the-register/",
        forms=("nmc",),
        is_sole=True,
        professions=NURSES,
    ),
    Register("GH", "Medical and Dental Council", "https://mdcghana.org/"),
    Register("GR", "Πανελλήνιος Ιατρικός Σύλλογος", "https://www.pis.gr/"),
    Register("HK", "Medical Council of Hong Kong", "https://www.mchk.org.hk/"),
    Register("HR", "Hrvatska liječnička komora", "https://www.hlk.hr/"),
    Register("IE", "Medical Council", "https://www.medicalcouncil.ie/", forms=("imc",), is_sole=True),
    Register("IE", "Nursing and Midwifery Board", "https://www.nmbi.ie/", professions=NURSES),
    Register("IL", "Ministry of Health", "https://practitioners.health.gov.il/", professions=BOTH),
    Register("IN", "National Medical Commission", "https://www.nmc.org.in/information-desk/indian-medical-register/"),
    Register("IR", "Medical Council", "https://membersearch.irimc.org/"),
    Register("IT", "FNOMCeO", "https://portale.fnomceo.it/"),
    Register("JP", "厚生労働省 医師等資格確認検索", "https://licenseif.mhlw.go.jp/search_isei/"),
    Register("KE", "Medical Practitioners and Dentists Council", "https://kmpdc.go.ke/"),
    Register(
        "MX", "Registro Nacional de Profesionistas", "https://www.cedulaprofesional.sep.gob.mx/", forms=("cedula_mx",)
    ),
    Register("MY", "Malaysian Medical Council", "https://merits.mmc.gov.my/"),
    Register("NG", "Medical and Dental Council", "https://www.mdcn.gov.ng/"),
    Register("NL", "BIG-register", "https://www.bigregister.nl/", forms=("big",), is_sole=True, professions=BOTH),
    Register(
        "NO",
        "Helsepersonellregisteret",
        "https://register.helsedirektoratet.no/",
        forms=("hpr",),
        professions=BOTH,
    ),
    Register("NZ", "Medical Council of New Zealand", "https://www.mcnz.org.nz/"),
    Register("PE", "Colegio Médico del Perú", "https://www.cmp.org.pe/", forms=("cmp",)),
    Register(
        "PH", "Professional Regulation Commission", "https://verification.prc.gov.ph/", forms=("prc",), professions=BOTH
    ),
    Register("PK", "Pakistan Medical & Dental Council", "https://pmdc.pk/"),
    Register("PL", "Naczelna Izba Lekarska", "https://rejestr.nil.org.pl/", forms=("pwz",), is_sole=True),
    Register("PT", "Ordem dos Médicos", "https://ordemdosmedicos.pt/"),
    Register("RO", "Colegiul Medicilor din România", "https://regmed.cmr.ro/"),
    Register("RS", "Lekarska komora Srbije", "https://www.lks.org.rs/"),
    Register("SA", "Saudi Commission for Health Specialties", "https://www.scfhs.org.sa/", professions=BOTH),
    Register("SE", "Socialstyrelsen", "https://www.socialstyrelsen.se/", professions=BOTH),
    Register("SG", "Singapore Medical Council", "https://prs.moh.gov.sg/", forms=("mcr",), is_sole=True),
    Register("SI", "Zdravniška zbornica Slovenije", "https://www.zdravniskazbornica.si/"),
    Register("SK", "Slovenská lekárska komora", "https://www.lekom.sk/"),
    Register("TH", "แพทยสภา", "https://checkmd.tmc.or.th/"),
    Register("TR", "Sağlık Bakanlığı", "https://www.saglik.gov.tr/", professions=BOTH),
    Register("TR", "Türk Tabipleri Birliği", "https://www.ttb.org.tr/"),
    Register(
        "US",
        "NPPES NPI Registry",
        "https://npiregistry.cms.hhs.gov/",
        forms=("npi",),
        entry="https://npiregistry.cms.hhs.gov/provider-view/{number}",
        professions=BOTH,
    ),
    Register("US", "Federation of State Medical Boards, DocInfo", "https://www.docinfo.org/"),
    Register("US", "Nursys", "https://www.nursys.com/", professions=NURSES),
    Register("ZA", "Health Professions Council", "https://www.hpcsa.co.za/", forms=("hpcsa",)),
)
# Those whose numbers all have one form, and whose sites list nothing else: a different number is a typing error.
_REFUSING = ("npiregistry.cms.hhs.gov", "gmc-uk.org", "ahpra.gov.au")


def registers_of(*, country: str, profession: str) -> list[Register]:
    """Return the registers of a country that list this profession; none for students, whom faculties list."""
    return [one for one in REGISTERS if one.country == country and profession in one.professions]


def is_malformed(*, url: str, number: str) -> bool:
    """Whether the register at this address cannot have issued this number; False for all but a few registers."""
    named = [one for one in REGISTERS if one.host in _REFUSING and one.has(url)]
    return any(not one.verdicts(number) & {Verdict.CHECK_DIGIT, Verdict.FORM} for one in named)


def examine_number(*, country: str, profession: str, number: str) -> Finding:
    """Return what the form of a number says, by the registers of its country."""
    known = registers_of(country=country, profession=profession)
    names = dict.fromkeys(name for register in known for name in register.forms)
    return examine(
        number,
        country=country,
        forms=tuple(FORMS[name] for name in names),
        is_sole=bool(known) and all(register.is_sole for register in known),
    )


def look_up(application: Application) -> dict[str, Any]:
    """Return for a page: the registers to look an application's number up in, and what the number's form says."""
    known = registers_of(country=application.country.code, profession=application.profession)
    number = application.registry_number
    return {
        "registers": [{"name": one.name, "host": one.host, "address": one.address_of(number)} for one in known],
        "typed_host": urlsplit(application.registry_url).hostname,
        "typed_is_known": any(one.has(application.registry_url) for one in known),
        "number": examine_number(country=application.country.code, profession=application.profession, number=number),
    }
