//! Forms of a person's name (PS3.5 section 6.2, VR PN) for machines that show but one of them (vietnam.md I12).

/// The name in one component, in the order in which it is spoken in Vietnam: family, middle, given.
pub fn whole(name: &str) -> String {
    each_group(name, |group| {
        let parts: Vec<_> = group.split('^').map(str::trim).collect();
        let part = |place: usize| parts.get(place).copied().unwrap_or_default();
        let spoken = [part(3), part(0), part(2), part(1), part(4)];
        spoken.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    })
}

/// The name in components: of a name in one, the first word is the family's, the last the given name, and those between are
/// the middle ones. A name that has components keeps them.
pub fn parsed(name: &str) -> String {
    each_group(name, |group| {
        let words: Vec<_> = group.split_whitespace().collect();
        match words.as_slice() {
            [family, middle @ .., given] if !group.contains('^') => {
                format!("{family}^{given}^{}", middle.join(" ")).trim_end_matches('^').to_owned()
            }
            _ => group.to_owned(),
        }
    })
}

fn each_group(name: &str, form: impl Fn(&str) -> String) -> String {
    name.split('=').map(form).collect::<Vec<_>>().join("=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_component_or_several() {
        for (name, expected_whole, expected_parsed) in [
            ("Nguyễn Văn An", "Nguyễn Văn An", "Nguyễn^An^Văn"),
            ("Nguyễn^An^Văn", "Nguyễn Văn An", "Nguyễn^An^Văn"),
            ("Trần Đức", "Trần Đức", "Trần^Đức"),
            ("Công Tằng Tôn Nữ Hoa", "Công Tằng Tôn Nữ Hoa", "Công^Hoa^Tằng Tôn Nữ"),
            ("NGUYEN^VAN AN", "NGUYEN VAN AN", "NGUYEN^VAN AN"),
            ("Doe^John^^Dr^", "Dr Doe John", "Doe^John^^Dr^"),
            ("Yamada^Tarou=山田^太郎", "Yamada Tarou=山田 太郎", "Yamada^Tarou=山田^太郎"),
            ("An", "An", "An"),
            ("", "", ""),
        ] {
            assert_eq!((whole(name).as_str(), parsed(name).as_str()), (expected_whole, expected_parsed), "{name}");
        }
    }
}
