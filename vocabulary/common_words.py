"""Words that many texts about skin have, in English and Turkish.

Not a list of what may be found: a word that is missing here is found all the same, and its search costs more the more
texts have it (`consults.cases.gate.full_text`).
"""

from functools import cache
from typing import Final

from vocabulary import diagnoses
from vocabulary.folding import fold

_OF_NOTES: Final = """
abdomen about acanthosis adult after again aged ago all allergic allergy also always and annular antibiotic
antibiotics antifungal antihistamine any appearance appeared appears arborising area areas arm arms arose around
asymmetric asymmetry asymptomatic atypia atypical back basal been before began being benign better between bilateral
biopsied biopsy black blanch blanching bled bleed bleeding bleeds blister blistering blisters blood blue border
borders both boy brown bullae burn burning burns but buttock calf can case central centre change changed changes cheek
chest child chronic clear clinical collagen colour consult control could course cream crusted crusting crusts culture
current currently daily days decade demarcated denies depigmented depressed dermal dermis dermoscopic dermoscopy
diabetes diagnosed diagnosis diameter difficult does dots dotted drug drugs dry during each ear early edge edges elbow
elevated emollient enlarged enlarges enlarging eosinophils epidermal epidermis episodes erosions eruption erythematous
examination excised excision exposure face failed family features feet female few finger fingers firm first fissures
fixed flat flexures follow foot for found four from general genital girl given globules good grey growing growth had
hair hairpin hand hands hard hardened has have healed healing her his histiocytes histology history holiday hours
hyperkeratosis hyperpigmented hypertension hypopigmented immunohistochemistry immunosuppressed improved improvement
improving infiltrate infiltrates into irregular irregularly itch itches itching itchy keratin keratinocytes knee known
large last left leg legs lesion lesions like likely limbs linear lip local long lymphocytes lymphocytic macules male
man margin medication melanocytes melanocytic mild millimetre mitoses mobile months more mouth mucin mucosa multiple
nail nails neck necrosis negative nests network neutrophils nevus new nodes nodules none normal nose not noted now off
ointment old one only onset ooze oozing openings oral other otherwise over painful painless palm palpable palpation
papules parakeratosis partly past patches patient patients peripheral periphery persistent persisting persists pigment
pigmentation pigmented pink planned plaques plasma polarised positive pregnancy presented previous prior progressive
purple pustules rash recent recurrent red referred regression regular reported reports resolved resolves resolving
responded responding response right rough round same scales scaling scalp scaly scarring scars section sections seen
several severe shape sharply shin shiny showed shows side similar since single size skin slightly slowly small smooth
soft sole some spongiosis spread spreading spreads stable stain stained started steroid still sting stinging streaks
stroma structureless subcutaneous sudden sun surface surrounding swab swelling swollen symmetric symptoms systemic
tender than that the then therapy there these they thickened thickening thigh this three times tissue today toe toes
tongue topical travel treated treatment trunk tumour two ulcerated ulceration ulcers unchanged under unknown upper
used usually veil very vesicles vessel vessels violaceous warm warty was waxy week weeks weeping well were what wheals
when which white with within without woman work worse worsened worsening would wrist year years yellow your
acik ag agiz agrili agrisiz aile ailede akantoz akinti akintili alan alaninda alerji alerjik ancak antibiyotik
antifungal antihistaminik ara aralikli arasi ardindan artan artis asimetrik ates atipi atipik atrofi avuc ay ayak
ayaklar aydir aylar bacak batma bazal bazi belirgin belirti belirtiyor beyaz bilek biopsi bir biraz birkac biyopsi
boya boyun boyut boyutu bul bulgu burun buyudu buyuk buyume buyuyen catlak cevre cevresi cevresinde cilt cocuk cok
daha damar damarlar degil degisiklik degismedi denendi deri dermis dermoskopi dermoskopik devam dil dirsek diyabet diz
dokuntu dolayi donem dudak duz duzeldi duzelme duzenli duzensiz eden edildi edilen ekstremite el ele eller enfeksiyon
eozinofil epidermal epidermis eriskin eritemli erkek erozyon eski etti fazla gebelik gecen genc genital geriledi
gerileyen gibi giderek globul globuller gogus gore goruldu gorulen gorulur gorunum govde gri gun gunes gunler hafta
haftadir halen hareketli hassas hasta hastada hastalik hastanin hemen her hicbir hiperkeratoz hiperpigmente
hipertansiyon hipopigmente histiyosit histoloji icin icinde iki ilac ile ilk immunhistokimya infiltrasyon infiltrat
iyi iyilesme iyilesti izlendi izlenen kabarcik kabarik kabuk kabuklu kadar kadin kahverengi kalca kaldirildi kalin
kalinlasma kan kanadi kanama kanayan karin kasinan kasiniyor kasinma kasinti kasintili kenar kenarli kepek kepekli
keratin keratinosit kesit kesitler keskin kirmizi kisa kitle kiz kol kolay kollajen kontrol kotulesme kotulesti koyu
krem kucuk kulak kullanan kullandi kultur kuru leke lenfosit lenfositik lezyon lezyonlar makul mavi melanosit
melanositik menekse merhem merkez merkezde mevcut milimetre mitoz mor morumsu muayene mukoza musin neden nedeniyle
nekroz nemlendirici nodul noduller nokta noktalar normal notrofil olan olarak oldu olgu once onceki oral ozellik
ozgecmis palpasyon papul papuller parakeratoz parmak parmaklar pembe pigment pigmentasyon pigmente plak plaklar plazma
puruzlu pustul renk renkli sac sag sagli sari sert sertlik seyahat sicak sikayet simetrik sinirli sirt sis sislik
sistemik siyah skar skuam skuamli sol soluk son sonra sonrasi sonrasinda sonuc sonucu spongioz stabil stroma subkutan
sure suredir surekli taban takip tani tanisi tarifliyor tedavi tedaviye tek tekrar tekrarlayan tirnak tirnaklar
topikal tum tumor ulser ulserler uyluk uzerinde uzun var veya vezikul yama yanak yanit yaniyor yanma yapi yapilar
yapildi yara yas yasinda yavas yayilan yayildi yeni yerlesimli yil yildir yillar yok yonunden yumusak yuvarlak yuz
yuzey
"""


@cache
def words() -> frozenset[str]:
    """Return the plain words of notes, and the words of the names of diagnoses; all folded."""
    names = [name for one in diagnoses.all() for name in (one.label, one.turkish, *one.synonyms)]
    return frozenset(fold(" ".join((_OF_NOTES, *names))).split())
