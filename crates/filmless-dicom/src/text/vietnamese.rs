//! Vietnamese in the code pages of before Unicode, recognised where nobody said what the bytes are (vietnam.md I11).
//!
//! A guess is believed only where it spells Vietnamese: initial, rhyme and tone of every word with marks must exist
//! and stand where the spelling wants them. So names of other languages fall through.

use std::borrow::Cow;

use filmless_model::coercion::AssumedCharacterSet;
use unicode_normalization::UnicodeNormalization;

use super::{Repair, is_tone_mark};

/// From the bytes of a code page.
type Decode = fn(&[u8]) -> String;

/// TCVN 5712:1993 VN3, "ABC": 0xA0 to 0xFF. Capitals with tones have no codes; a font of capitals shows the small ones.
const TCVN3: &str = " ĂÂÊÔƠƯĐăâêôơưđ??????àảãáạ?ằẳẵắ???????ặầẩẫấậè?ẻẽéẹềểễếệìỉ???ĩíịò?ỏõóọồổỗốộờởỡớợù?ủũúụừửữứựỳỷỹýỵ?";

/// VISCII (RFC 1456): 0x80 to 0xFF.
const VISCII: &str = "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ\
    ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ";

/// What a byte means nothing as.
const NOTHING: char = '\u{FFFD}';

/// Words of which many names are made. They decide where a text spells Vietnamese in two code pages.
const COMMON: &str = "nguyễn trần lê phạm huỳnh hoàng phan vũ võ đặng bùi đỗ hồ ngô dương lý đoàn trịnh đinh lâm tô hà trương đào \
    văn thị hữu đức công quốc xuân ngọc bảo tuấn thuý thúy mỹ như bình cường dũng đạt hằng hoà hòa hương khánh khuê nghĩa nguyệt nhật \
    phúc phượng quân quỳnh quý sơn tâm thảo thắng thuỷ thủy tuyết uyên vượng yến ánh điệp kỳ hải hùng hạnh hiền hoài lộc mạnh ý ẩn ước giáp quách khuất thạch nghiêm";

/// Text in the code page that it is known to be in. Letters in UTF-8 are read as such: no text of Vietnamese in a code page is
/// Latin text in UTF-8, but a worklist in UTF-8 comes back from many a machine.
pub(super) fn read(assumed: AssumedCharacterSet, bytes: &[u8]) -> (Cow<'_, str>, Repair) {
    let has_letters_below_128 =
        assumed == AssumedCharacterSet::Viscii && bytes.iter().any(|byte| viscii_control(*byte).is_some());
    if !has_letters_below_128 && let Ok(text) = std::str::from_utf8(bytes) {
        if text.is_ascii() {
            return (Cow::Borrowed(text), Repair::None);
        }
        if assumed == AssumedCharacterSet::Utf8 || text.chars().all(is_latin) {
            return (Cow::Borrowed(text), Repair::Utf8);
        }
    }
    let (decode, repair): (Decode, _) = match assumed {
        AssumedCharacterSet::Utf8 => return (String::from_utf8_lossy(bytes), Repair::Replaced),
        AssumedCharacterSet::Tcvn3 => (tcvn3, Repair::Tcvn3),
        AssumedCharacterSet::Vni => (vni, Repair::Vni),
        AssumedCharacterSet::Viscii => (viscii, Repair::Viscii),
        AssumedCharacterSet::Windows1258 => (windows_1258, Repair::Windows1258),
    };
    (Cow::Owned(decode(bytes)), repair)
}

/// Basic Latin, letters of Latin-1 and of the Latin blocks behind it, and their marks.
fn is_latin(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') || is_tone_mark(c)
}

/// Text in the code page in which it is plausible; Windows-1258, TCVN3, VNI, VISCII is the order where several read equally
/// well. Windows-1258 too if only most words with marks are Vietnamese in it.
pub(super) fn recognise(bytes: &[u8]) -> Option<(String, Repair)> {
    let windows = windows_1258(bytes);
    let spelling = Spelling::of(&windows);
    let older: [(Decode, Repair); 3] = [(tcvn3, Repair::Tcvn3), (vni, Repair::Vni), (viscii, Repair::Viscii)];
    let older = older.into_iter().map(|(decode, repair)| (decode(bytes), repair));
    let older = older.filter(|(text, _)| Spelling::of(text).is_vietnamese_beyond_doubt());
    let newest = spelling.is_vietnamese().then(|| (windows.clone(), Repair::Windows1258));
    let mut best = None;
    for (text, repair) in newest.into_iter().chain(older) {
        let common = common_words(&text);
        if best.as_ref().is_none_or(|(most, _)| common > *most) {
            best = Some((common, (text, repair)));
        }
    }
    let partly = || spelling.is_mostly_vietnamese().then_some((windows, Repair::Windows1258));
    best.map(|(_, found)| found).or_else(partly)
}

fn common_words(text: &str) -> usize {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_alphabetic()).filter(|word| COMMON.split_ascii_whitespace().any(|common| common == *word)).count()
}

/// Windows-1258 writes tones as marks of their own; composed is how everybody else writes them.
fn windows_1258(bytes: &[u8]) -> String {
    encoding_rs::WINDOWS_1258.decode_without_bom_handling(bytes).0.nfc().collect()
}

fn tcvn3(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| of_table(TCVN3, 0xA0, *byte)).collect();
    // In a font of capitals small letters with tones were meant as capitals: no other small one is there, and capitals
    // stand within words.
    let plain_small = |c: char| c.is_lowercase() && (c.is_ascii() || "ăâêôơưđ".contains(c));
    let mut pairs = text.chars().zip(text.chars().skip(1));
    let is_capitals = !text.contains(plain_small) && pairs.any(|(a, b)| a.is_alphabetic() && b.is_uppercase());
    if is_capitals { text.to_uppercase() } else { text }
}

fn viscii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| viscii_control(*byte).unwrap_or_else(|| of_table(VISCII, 0x80, *byte))).collect()
}

/// Capitals that stand in place of control characters.
fn viscii_control(byte: u8) -> Option<char> {
    Some(match byte {
        0x02 => 'Ẳ',
        0x05 => 'Ẵ',
        0x06 => 'Ẫ',
        0x14 => 'Ỷ',
        0x19 => 'Ỹ',
        0x1E => 'Ỵ',
        _ => return None,
    })
}

fn of_table(table: &str, first: u8, byte: u8) -> char {
    if byte < 0x80 {
        return char::from(byte);
    }
    let letter = byte.checked_sub(first).and_then(|place| table.chars().nth(usize::from(place)));
    letter.filter(|letter| *letter != '?').unwrap_or(NOTHING)
}

/// VNI for Windows: marks follow their vowel, as letters of Latin-1.
fn vni(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        if byte.is_ascii() {
            text.push(char::from(*byte));
            continue;
        }
        // Capitals lie 0x20 before small letters, marks on capitals too.
        let small = byte | 0x20;
        let letter = match small {
            0xE6 => 'ỉ',
            0xEC => 'ì',
            0xED => 'í',
            0xEE => 'ỵ',
            0xF1 => 'đ',
            0xF2 => 'ị',
            0xF3 => 'ĩ',
            0xF4 => 'ơ',
            0xF6 => 'ư',
            _ => {
                text.push_str(vni_marks(small));
                continue;
            }
        };
        if small == *byte { text.push(letter) } else { text.extend(letter.to_uppercase()) }
    }
    text.nfc().collect()
}

/// Circumflex or breve, and the tone.
fn vni_marks(byte: u8) -> &'static str {
    match byte {
        0xE0 => "\u{302}\u{300}",
        0xE1 => "\u{302}\u{301}",
        0xE2 => "\u{302}",
        0xE3 => "\u{302}\u{303}",
        0xE4 => "\u{302}\u{323}",
        0xE5 => "\u{302}\u{309}",
        0xE8 => "\u{306}\u{300}",
        0xE9 => "\u{306}\u{301}",
        0xEA => "\u{306}",
        0xEB => "\u{306}\u{323}",
        0xEF => "\u{323}",
        0xF5 => "\u{303}",
        0xF8 => "\u{300}",
        0xF9 => "\u{301}",
        0xFA => "\u{306}\u{309}",
        0xFB => "\u{309}",
        0xFC => "\u{306}\u{303}",
        _ => "\u{FFFD}",
    }
}

/// How much of a text is spelt as Vietnamese is: its words, with marks or of plain letters, that are syllables or not.
#[derive(Default)]
struct Spelling {
    marked_syllables: usize,
    plain_syllables: usize,
    marked_others: usize,
    plain_others: usize,
    /// Signs beyond ASCII: `§`, `°`.
    signs: usize,
}

impl Spelling {
    fn of(text: &str) -> Self {
        let signs = text.chars().filter(|c| !c.is_ascii() && !c.is_alphabetic()).count();
        let mut found = Self { signs, ..Self::default() };
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            let kind = match (word.is_ascii(), is_syllable(word)) {
                (false, true) => &mut found.marked_syllables,
                (true, true) => &mut found.plain_syllables,
                (false, false) => &mut found.marked_others,
                (true, false) => &mut found.plain_others,
            };
            *kind += 1;
        }
        found
    }

    fn is_vietnamese(&self) -> bool {
        self.marked_syllables > 0 && self.marked_others == 0 && self.signs == 0
    }

    /// For code pages whose bytes are mostly letters in Latin-1 too: one word alone, or one among foreign ones, proves too
    /// little.
    fn is_vietnamese_beyond_doubt(&self) -> bool {
        let alone = self.marked_syllables == 1 && (self.plain_others > 0 || self.plain_syllables == 0);
        self.is_vietnamese() && !alone
    }

    fn is_mostly_vietnamese(&self) -> bool {
        self.marked_syllables > self.marked_others
    }
}

const INITIALS: &str = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x";

/// Rhymes without their tone.
const RHYMES: &str = "a ac ach ai am an ang anh ao ap at au ay ăc ăk ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu \
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet ooc oong \
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ \
    uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt uyn uynh uyp uyt uyu \
    ư ưa ưc ưi ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y ych yêm yên yêng yêt yêu yn ynh yp yt";

/// Whether a word is a Vietnamese syllable, in small letters, in capitals, or with one in front.
fn is_syllable(word: &str) -> bool {
    let small = word.chars().skip(1).all(char::is_lowercase);
    if !small && !word.chars().all(char::is_uppercase) {
        return false;
    }
    // The letters without their tone; the tone, and how many letters there are up to the one that carries it.
    let (mut letters, mut count, mut tone) = (String::new(), 0, None);
    for c in word.chars().flat_map(char::to_lowercase).nfd() {
        match c {
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' if tone.is_some() => return false,
            '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => tone = Some((c, count)),
            // Circumflex, breve and horn are part of the letter.
            '\u{302}' | '\u{306}' | '\u{31B}' => letters.push(c),
            c => {
                letters.push(c);
                count += 1;
            }
        }
    }
    let letters: String = letters.nfc().collect();
    INITIALS.split(' ').chain([""]).any(|initial| {
        let Some(rhyme) = letters.strip_prefix(initial) else { return false };
        let before = initial.chars().count();
        let tone_fits = match tone {
            // Only these two tones go with a stop at the end, and one of them must be there.
            Some((tone, place)) => {
                (!ends_in_stop(rhyme) || matches!(tone, '\u{301}' | '\u{323}'))
                    && place > before
                    && carries_tone(rhyme, place - before - 1)
            }
            None => !ends_in_stop(rhyme),
        };
        tone_fits && goes_with(initial, rhyme) && RHYMES.split_ascii_whitespace().any(|known| known == rhyme)
    })
}

/// c and k, g and gh, ng and ngh share the vowels among them.
fn goes_with(initial: &str, rhyme: &str) -> bool {
    let front = rhyme.starts_with(['e', 'ê', 'i', 'y']);
    match initial {
        "k" | "gh" | "ngh" => front,
        "c" | "ng" => !front,
        "g" => !front || rhyme.starts_with('i'),
        _ => true,
    }
}

fn ends_in_stop(rhyme: &str) -> bool {
    rhyme.ends_with(['c', 'k', 'p', 't']) || rhyme.ends_with("ch")
}

/// Whether the tone of a rhyme stands on this letter of it: the last vowel with a mark of its own, else the middle one, the
/// one before a consonant, or the first; in `oa`, `oe` and `uy` people write it on either.
fn carries_tone(rhyme: &str, place: usize) -> bool {
    let vowels: Vec<char> = rhyme.chars().take_while(|c| "aăâeêioôơuưy".contains(*c)).collect();
    let is_open = vowels.len() == rhyme.chars().count();
    if let Some(marked) = vowels.iter().rposition(|vowel| !vowel.is_ascii()) {
        return place == marked;
    }
    match vowels.as_slice() {
        [_] => place == 0,
        ['o', 'a' | 'e'] | ['u', 'y'] if is_open => place < 2,
        [_, _] if is_open => place == 0,
        _ => place == 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::text::{SpecificCharacterSet, fold};

    const FAMILY: &[&str] = &[
        "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
        "Đoàn", "Trịnh", "Đinh", "Lâm", "Mai", "Tô", "Hà", "Cao", "Trương", "Nghiêm", "Quách", "Thạch", "Giáp", "Khuất",
    ];
    const MIDDLE: &[&str] =
        &["Văn", "Thị", "Hữu", "Đức", "Công", "Quốc", "Xuân", "Ngọc", "Kim", "Bảo", "Tuấn", "Thuý", "Mỹ", "Như"];
    const GIVEN: &[&str] = &[
        "An",
        "Bình",
        "Cường",
        "Dũng",
        "Đạt",
        "Giang",
        "Hằng",
        "Hoà",
        "Hương",
        "Khánh",
        "Khuê",
        "Lan",
        "Linh",
        "Long",
        "Nghĩa",
        "Nguyệt",
        "Nhật",
        "Oanh",
        "Phúc",
        "Phượng",
        "Quân",
        "Quỳnh",
        "Quý",
        "Sơn",
        "Tâm",
        "Thảo",
        "Thắng",
        "Thuỷ",
        "Trung",
        "Tuyết",
        "Uyên",
        "Vượng",
        "Yến",
        "Ý",
        "Ánh",
        "Ẩn",
        "Điệp",
        "Ước",
        "Kỳ",
        "Nghĩa",
    ];

    /// The bytes of each letter that a code page has: what decodes to it.
    fn codes(decode: Decode) -> HashMap<char, Vec<u8>> {
        let pairs = (0x20..0x80u8).chain(0x80..=0xFF).flat_map(|base| (0x80..=0xFFu8).map(move |mark| vec![base, mark]));
        let singles = (0..=0xFFu8).map(|byte| vec![byte]);
        let mut codes = HashMap::new();
        for bytes in pairs.chain(singles) {
            let text = decode(&bytes);
            let mut letters = text.chars();
            if let (Some(letter), None) = (letters.next(), letters.next()) {
                codes.insert(letter, bytes);
            }
        }
        codes
    }

    fn encoded(codes: &HashMap<char, Vec<u8>>, text: &str) -> Vec<u8> {
        text.chars().flat_map(|c| codes.get(&c).unwrap_or_else(|| panic!("no code for {c}")).clone()).collect()
    }

    /// Capitals with tones are not in TCVN3: small letters stand for them, which a font of capitals shows as such.
    fn for_tcvn3(text: &str) -> String {
        let has_tone = |c: char| !c.is_ascii() && !TCVN3.contains(c);
        text.chars().map(|c| if has_tone(c) { c.to_lowercase().next().expect("one letter") } else { c }).collect()
    }

    /// Every letter of Vietnamese with every tone.
    fn alphabet() -> Vec<char> {
        let consonants = ('a'..='z').filter(|c| !"fjwz".contains(*c)).chain(['đ']);
        let tones = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
        let vowels = "aăâeêioôơuưy".chars().flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}")));
        let letters: String = vowels.chain(consonants.map(String::from)).collect();
        letters.nfc().chain(letters.to_uppercase().nfc()).collect()
    }

    #[test]
    fn the_whole_alphabet_is_read_in_every_code_page() {
        use AssumedCharacterSet as Set;
        let alphabet = alphabet();
        assert_eq!(alphabet.len(), 2 * (12 * 6 + 23));
        let sets: [(Decode, Set); 4] =
            [(windows_1258, Set::Windows1258), (tcvn3, Set::Tcvn3), (vni, Set::Vni), (viscii, Set::Viscii)];
        for (decode, set) in sets {
            let codes = codes(decode);
            for letter in &alphabet {
                let text: String = if set == Set::Tcvn3 { for_tcvn3(&letter.to_string()) } else { letter.to_string() };
                let bytes = encoded(&codes, &text);
                assert_eq!(read(set, &bytes).0, text, "{letter} in {}", set.as_str());
            }
        }
    }

    #[test]
    fn what_is_known_of_a_machine_is_believed_over_the_spelling() {
        use AssumedCharacterSet as Set;
        for (set, bytes, expected, repair) in [
            // No words of Vietnamese, and letters alone.
            (Set::Tcvn3, &b"XQ NG\xb9C 2"[..], "XQ NGẠC 2", Repair::Tcvn3),
            (Set::Tcvn3, b"\xae", "đ", Repair::Tcvn3),
            (Set::Vni, b"BS. \xd1o\xe3", "BS. Đỗ", Repair::Vni),
            // Two letters that are a letter of N'Ko in UTF-8, and a capital in place of a control character.
            (Set::Viscii, b"D\xdf\xbdng", "Dương", Repair::Viscii),
            (Set::Viscii, b"C\x02M", "CẲM", Repair::Viscii),
            (Set::Windows1258, b"L\xea", "Lê", Repair::Windows1258),
            // What is UTF-8 stays so, and broken UTF-8 is not taken for anything else.
            (Set::Tcvn3, "Lê Thị Ánh".as_bytes(), "Lê Thị Ánh", Repair::Utf8),
            (Set::Utf8, "王^小东".as_bytes(), "王^小东", Repair::Utf8),
            (Set::Utf8, b"Nguye\xe3n", "Nguye\u{FFFD}n", Repair::Replaced),
            (Set::Tcvn3, b"LE VAN A", "LE VAN A", Repair::None),
            (Set::Tcvn3, b"\xff", "\u{FFFD}", Repair::Tcvn3),
        ] {
            assert_eq!(read(set, bytes), (Cow::Borrowed(expected), repair), "{expected}");
        }
    }

    #[test]
    fn names_survive_every_code_page() {
        let mut wrong = Vec::new();
        let names = FAMILY
            .iter()
            .enumerate()
            .flat_map(|(at, family)| GIVEN.iter().map(move |given| (family, MIDDLE[(at + given.len()) % MIDDLE.len()], given)));
        let names: Vec<String> = names
            .flat_map(|(family, middle, given)| [format!("{family} {middle} {given}"), format!("{family}^{middle}^{given}")])
            // One word with marks alone may spell something in two code pages.
            .filter(|name| name.split([' ', '^']).filter(|word| !word.is_ascii()).count() > 1)
            .step_by(5)
            .collect();
        assert!(names.len() > 400);
        let sets: [(Decode, Repair); 4] =
            [(windows_1258, Repair::Windows1258), (tcvn3, Repair::Tcvn3), (vni, Repair::Vni), (viscii, Repair::Viscii)];
        for (decode, repair) in sets {
            let codes = codes(decode);
            for name in names.iter().flat_map(|name| [name.clone(), name.to_uppercase()]) {
                let written = if repair == Repair::Tcvn3 { for_tcvn3(&name) } else { name.clone() };
                let bytes = encoded(&codes, &written);
                // Two letters of VISCII may be one of UTF-8, which is asked first.
                if std::str::from_utf8(&bytes).is_ok() {
                    continue;
                }
                // Broken UTF-8 is as good as undeclared.
                for declared in ["", "ISO_IR 192"] {
                    let (text, done) = SpecificCharacterSet::parse(declared.as_bytes()).0.decode(&bytes);
                    if fold(&text) != fold(&name) || repair != Repair::Tcvn3 && text != name {
                        wrong.push(format!("{name} in {repair:?}: {text} as {done:?}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }
}
