"""Words that many texts about skin have, in English and Turkish.

Not a list of what may be found: a word that is missing here is found all the same, and its search costs more the more
texts have it (`consults.cases.gate.full_text`).
"""

from functools import cache
from typing import Final

from vocabulary import diagnoses
from vocabulary.folding import fold

_OF_NOTES: Final = """
about after again ago all also always and any appearance appeared area areas around arose asymptomatic back been
before began being benign between bilateral biopsied biopsy both but can case centre change changed changes chronic
clear clinical colour consult could course cream crusted current currently daily days dermal dermoscopic dermoscopy
diagnosed diagnosis diameter difficult does drug drugs during each early edge edges episodes eruption erythematous
examination excised excision family features few first firm flat for found four from general given good growing growth
had has have healed healing her his histology history hours improved improvement into irregular itchy known large last
left lesion lesions like likely local long margin medication mild millimetre mobile months more multiple negative
nevus new nodes none normal not noted now off old one only onset other otherwise over painful painless partly past
patient patients persistent pigmented positive presented previous prior progressive rash recent recurrent red reported
response right round same scaly several severe shape side similar since single size skin slightly slowly small smooth
soft some started steroid stable still sudden surface surrounding swelling symptoms systemic tender than that the then
therapy there these they this three times tissue today topical treated treatment trunk tumour two ulcerated under
unknown upper used usually very was week weeks well were what when which white with within without would year years
yellow your
acik agrili agrisiz ailede aile alan alaninda ancak ara aralikli arasi ardindan artan artis ates aylar ay aydir bazi
belirgin belirti beyaz biopsi biyopsi bir biraz birkac boyut boyutu bulgu buyuk buyuyen cilt cocuk cok cevre cevresi
daha deri dermoskopi dermoskopik degisiklik degil denendi devam dokuntu dolayi donem duz eden edilen edildi enfeksiyon
eritemli erkek eski etti fazla gecen genc geriledi gibi giderek gore gorulen gorunum gun gunler hafta haftadir halen
hasta hastada hastalik hastanin hemen her hicbir histoloji icin icinde ile ilac ilk iki iyi iyilesme kadin kadar
kahverengi kaldirildi kalin kasinti kasintili kenar kenarli kirmizi kisa kitle kolay koyu krem kucuk kullanan kullandi
lezyon lezyonlar leke mavi merkez mevcut milimetre muayene neden nedeniyle normal olan olarak oldu olgu onceki once
ozellik ozgecmis pembe renk renkli sag sagli sari sert sikayet sol son sonra sonrasi sonrasinda sure suredir surekli
sonucu sonuc stabil siyah tani tanisi tedavi tedaviye tek tekrar tekrarlayan topikal tum tumor ulser uzun uzerinde var
veya yanit yapildi yara yas yasinda yavas yeni yerlesimli yil yildir yillar yok yonunden yuz yuvarlak yuzey
"""


@cache
def words() -> frozenset[str]:
    """Return the plain words of notes, and the words of the names of diagnoses; all folded."""
    names = [name for one in diagnoses.all() for name in (one.label, one.turkish, *one.synonyms)]
    return frozenset(fold(" ".join((_OF_NOTES, *names))).split())
