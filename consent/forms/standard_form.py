"""The standard consent text that ships with Rete, in both languages of the site.

Published by a migration and never edited in place: a change is a new version. The statements that every form
must make are named in `consent.forms.publishing.REQUIRED`.
"""

CODE = "rete-standard"
VERSION = 2

_ENGLISH = """\
Your clinician would like to ask colleagues for their opinion on your skin condition. To do that, pictures of \
you and a short description would be shown on Rete, a closed website. Only dermatologists, \
dermatopathologists and other clinicians whose identity was checked by two moderators can see it.

Before anyone sees a picture, your eyes are covered. Place, date and camera data are removed. Then your \
clinician checks the result. Your name, your exact dates and your record number are never entered.

Pictures of your skin and facts about your health are sensitive personal data. They are shared only if you \
clearly say yes. The clinic that treats you is responsible for them. You can ask the clinic what is kept about \
you, and have it corrected or deleted.

You decide for each use below. Nothing is allowed unless you tick it. Your pictures are never used for \
advertising.

Please read these points:

- It cannot be guaranteed that nobody recognises you. Covering the eyes and removing data makes it less likely, \
but does not rule it out.
- A picture that was shown online can be copied and can last. What a person has copied is hard to call back.
- A closed group may not stay closed. Members are checked, but no check is perfect.
- If you say no, your care stays the same.
- You can withdraw at any time, without a reason and without an account: with the code on your receipt, or \
through your clinician. The pictures are then hidden at once and destroyed.
- You receive a copy of this form and a receipt with your withdrawal code.
"""

_TURKISH = """\
Hekiminiz, cildinizdeki hastalık hakkında meslektaşlarının görüşünü almak istiyor. Bunun için size ait \
fotoğraflar ve kısa bir açıklama, kapalı bir internet sitesi olan Rete’de gösterilecektir. Bunları yalnızca \
kimliği iki denetçi tarafından doğrulanmış dermatologlar, dermatopatologlar ve diğer sağlık çalışanları \
görebilir.

Bir fotoğraf gösterilmeden önce gözleriniz kapatılır. Yer, tarih ve kamera bilgileri silinir. Ardından hekiminiz \
sonucu kontrol eder. Adınız, kesin tarihler ve dosya numaranız sisteme hiçbir zaman girilmez.

Cildinizin fotoğrafları ve sağlığınıza ilişkin bilgiler, 6698 sayılı Kişisel Verilerin Korunması Kanunu’na \
(KVKK) göre özel nitelikli kişisel veridir. Bu veriler yalnızca açık rızanızla paylaşılır. Verilerden, sizi \
tedavi eden sağlık kuruluşu sorumludur. Hakkınızda nelerin tutulduğunu bu kuruluşa sorabilir, yanlış bilgilerin \
düzeltilmesini ya da verilerinizin silinmesini isteyebilirsiniz.

Aşağıdaki her kullanım için ayrı ayrı siz karar verirsiniz. İşaretlemediğiniz hiçbir kullanıma izin vermiş \
olmazsınız. Fotoğraflarınız hiçbir zaman reklam amacıyla kullanılmaz.

Lütfen şu noktaları okuyun:

- Hiç kimsenin sizi tanımayacağı garanti edilemez. Gözlerin kapatılması ve bilgilerin silinmesi bu olasılığı \
azaltır, ancak tümüyle ortadan kaldırmaz.
- İnternette gösterilmiş bir fotoğraf kopyalanabilir ve kalıcı olabilir. Birinin kopyaladığı bir fotoğrafı geri \
almak zordur.
- Kapalı bir grup her zaman kapalı kalmayabilir. Üyeler denetlenir, ancak hiçbir denetim kusursuz değildir.
- Hayır derseniz tedaviniz bundan etkilenmez.
- Rızanızı istediğiniz zaman, gerekçe göstermeden ve hesap açmadan geri alabilirsiniz: alındı belgenizdeki kodla \
ya da hekiminiz aracılığıyla. Fotoğraflar o anda gizlenir ve ardından yok edilir.
- Bu formun bir örneği ve geri alma kodunuzun yazılı olduğu bir alındı belgesi size verilir.
"""

# language -> (title, text)
TEXTS = {
    "en": ("Consent to share pictures of you with vetted clinicians", _ENGLISH),
    "tr": ("Fotoğraflarınızın kimliği doğrulanmış hekimlerle paylaşılması için açık rıza", _TURKISH),
}
