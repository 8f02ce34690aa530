"""Numbers in registers: what their form says. It never decides: a number that fits may be anybody's.

Sources stand in docs/vetting.md. Most registers publish no form; their numbers are neither right nor wrong.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import gettext as _
from stdnum import ean, luhn
from stdnum.be import nn as be_nn
from stdnum.br import cpf as br_cpf
from stdnum.cl import rut as cl_rut
from stdnum.cn import ric as cn_ric
from stdnum.dk import cpr as dk_cpr
from stdnum.ec import ci as ec_ci
from stdnum.ee import ik as ee_ik
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fi import hetu as fi_hetu
from stdnum.hr import oib as hr_oib
from stdnum.in_ import aadhaar as in_aadhaar
from stdnum.is_ import kennitala as is_kennitala
from stdnum.it import codicefiscale as it_codicefiscale
from stdnum.kr import rrn as kr_rrn
from stdnum.lt import asmens as lt_asmens
from stdnum.mx import curp as mx_curp
from stdnum.nl import bsn as nl_bsn
from stdnum.no import fodselsnummer as no_fodselsnummer
from stdnum.pl import pesel as pl_pesel
from stdnum.ro import cnp as ro_cnp
from stdnum.se import personnummer as se_personnummer
from stdnum.si import emso as si_emso
from stdnum.th import pin as th_pin
from stdnum.tr import tckimlik as tr_tckimlik
from stdnum.za import idnr as za_idnr

from accounts.vetting.models import comparable

# ISO 7812: the check digit of an NPI is that of a card number with the prefix 80 (health) 840 (United States).
NPI_PREFIX = "80840"


class Verdict(StrEnum):
    """What the form of a number says."""

    CHECK_DIGIT = "check_digit"  # right form and right check digit
    FORM = "form"  # right form; the register's numbers have no check digit
    WRONG_DIGIT = "wrong_digit"  # right form, wrong check digit: a typing error, or made up
    WRONG_FORM = "wrong_form"  # none of the forms that the register's numbers have
    PERSONAL = "personal"  # a national identity number, which is no register's
    UNKNOWN = "unknown"  # nothing to check by


DOUBTFUL = (Verdict.WRONG_DIGIT, Verdict.WRONG_FORM, Verdict.PERSONAL)


@dataclass(frozen=True)
class Form:
    """The form of a register's numbers: `shape` of letters and digits without punctuation, and its check digit."""

    name: str
    shape: re.Pattern[str]
    digit: Callable[[str], bool] | None = None

    def verdict(self, number: str) -> Verdict:
        """Return what the form says of `number`, which is reduced to lower-case letters and digits."""
        if not self.shape.fullmatch(number):
            return Verdict.WRONG_FORM
        if self.digit is None:
            return Verdict.FORM
        return Verdict.CHECK_DIGIT if self.digit(number) else Verdict.WRONG_DIGIT


def _form(name: str, shape: str, digit: Callable[[str], bool] | None = None) -> Form:
    return Form(name, re.compile(shape), digit)


def _npi(number: str) -> bool:
    return luhn.is_valid(NPI_PREFIX + number)


def _lanr(number: str) -> bool:
    """Digits 1 to 6 by 4 and 9 in turn; what is missing to the next ten is digit 7."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:6], (4, 9) * 3, strict=True))
    return -total % 10 == int(number[6])


def _pwz(number: str) -> bool:
    """Digits 2 to 7 by 1 to 6, modulo 11, is the first digit."""
    return sum(int(digit) * weight for weight, digit in enumerate(number[1:], start=1)) % 11 == int(number[0])


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "ahpra": _form("AHPRA", "[a-z]{3}[0-9]{10}"),
        "autorisation": _form("autorisations-ID", "[0-9a-z]{5}"),
        "big": _form("BIG", "[0-9]{11}"),
        "cedula_mx": _form("cédula profesional", "[0-9]{7,8}"),
        "cmp": _form("CMP", "[0-9]{4,6}"),
        "colegiado": _form("número de colegiado", "[0-9]{9}"),
        "crm": _form("CRM", "(crm)?([a-z]{2})?[0-9]{1,7}([a-z]{2})?"),
        "efn": _form("EFN", "80276[0-9]{10}"),
        "gln": _form("GLN", "7601[0-9]{9}", ean.is_valid),
        "gmc": _form("GMC", "[0-9]{7}"),
        "hpcsa": _form("HPCSA", "(mp|in|dp)[0-9]{7}"),
        "hpr": _form("HPR", "[0-9]{7,9}"),
        "imc": _form("IMC", "[0-9]{6}"),
        "inami": _form("INAMI/RIZIV", "[1-9][0-9]{10}"),
        "lanr": _form("LANR", "[0-9]{9}", _lanr),
        "mcr": _form("MCR", "m[0-9]{5}[a-z]"),
        "minc": _form("MINC", "camd[0-9]{8}"),
        "nmc": _form("NMC PIN", "[0-9]{2}[a-z][0-9]{4}[a-z]"),
        "npi": _form("NPI", "[12][0-9]{9}", _npi),
        "prc": _form("PRC", "[0-9]{7}"),
        "pwz": _form("PWZ", "[1-9][0-9]{6}", _pwz),
        "rpps": _form("RPPS", "[0-9]{11}", luhn.is_valid),
    }
)

# National identity numbers, by country: recognised so that a moderator asks for the register's number instead.
PERSONAL: Mapping[str, tuple[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "BE": ("Rijksregisternummer", be_nn.is_valid),
        "BR": ("CPF", br_cpf.is_valid),
        "CL": ("RUT", cl_rut.is_valid),
        "CN": ("身份证", cn_ric.is_valid),
        "DK": ("CPR", dk_cpr.is_valid),
        "EC": ("Cédula", ec_ci.is_valid),
        "EE": ("Isikukood", ee_ik.is_valid),
        "ES": ("DNI/NIE", lambda number: es_dni.is_valid(number) or es_nie.is_valid(number)),
        "FI": ("Henkilötunnus", fi_hetu.is_valid),
        "HR": ("OIB", hr_oib.is_valid),
        "IN": ("Aadhaar", in_aadhaar.is_valid),
        "IS": ("Kennitala", is_kennitala.is_valid),
        "IT": ("Codice fiscale", it_codicefiscale.is_valid),
        "KR": ("RRN", kr_rrn.is_valid),
        "LT": ("Asmens kodas", lt_asmens.is_valid),
        "MX": ("CURP", mx_curp.is_valid),
        "NL": ("BSN", nl_bsn.is_valid),
        "NO": ("Fødselsnummer", no_fodselsnummer.is_valid),
        "PL": ("PESEL", pl_pesel.is_valid),
        "RO": ("CNP", ro_cnp.is_valid),
        "SE": ("Personnummer", se_personnummer.is_valid),
        "SI": ("EMŠO", si_emso.is_valid),
        "TH": ("เลขประจำตัวประชาชน", th_pin.is_valid),
        "TR": ("T.C. Kimlik No.", tr_tckimlik.is_valid),
        "ZA": ("ID number", za_idnr.is_valid),
    }
)


@dataclass(frozen=True)
class Finding:
    """What was found: a verdict, and a sentence for the moderator."""

    verdict: Verdict
    sentence: str

    @property
    def is_doubtful(self) -> bool:
        """Whether a moderator should look twice."""
        return self.verdict in DOUBTFUL


_BEST_FIRST = (Verdict.CHECK_DIGIT, Verdict.FORM, Verdict.WRONG_DIGIT)


def examine(number: str, *, country: str, forms: tuple[Form, ...], is_sole: bool) -> Finding:
    """Return what the form of `number` says, given the forms that the registers of its country use.

    `is_sole` says that every number of those registers has one of the forms: only then is another one wrong.
    """
    key = comparable(number)
    verdicts = {form.verdict(key): form for form in reversed(forms)}
    for verdict in _BEST_FIRST:
        if verdict in verdicts:
            return Finding(verdict, _sentence(verdict, verdicts[verdict].name))
    personal = PERSONAL.get(country)
    if personal is not None and personal[1](number):
        return Finding(Verdict.PERSONAL, _sentence(Verdict.PERSONAL, personal[0]))
    if forms and is_sole:
        return Finding(Verdict.WRONG_FORM, _sentence(Verdict.WRONG_FORM, ", ".join(form.name for form in forms)))
    return Finding(Verdict.UNKNOWN, _sentence(Verdict.UNKNOWN, ""))


def _sentence(verdict: Verdict, name: str) -> str:
    sentences = {
        Verdict.CHECK_DIGIT: _("The number passes the check digit (%(name)s)."),
        Verdict.FORM: _("The number has the right form (%(name)s); there is no check digit."),
        Verdict.WRONG_DIGIT: _("The number reads like a %(name)s number, but its check digit does not fit."),
        Verdict.WRONG_FORM: _("The number does not have the form of this register's numbers (%(name)s)."),
        Verdict.PERSONAL: _(
            "This is a national identity number (%(name)s) and its check digit fits; it is not a register's number. "
            "Look the person up by name, and ask for the register's number."
        ),
        Verdict.UNKNOWN: _("No check is known for this register's numbers."),
    }
    return sentences[verdict] % {"name": name}
