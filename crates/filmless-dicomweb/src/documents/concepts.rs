//! Names of concepts in Vietnamese, by their codes of PS3.16 annex D (DICOM Controlled Terminology Definitions): those that
//! reports use for headings and lines. English has the meaning that the report itself gives.

use filmless_dicom::report::Concept;

/// The scheme of the codes below.
const SCHEME: &str = "DCM";

/// Sorted by code.
const NAMES: [(&str, &str); 84] = [
    ("111001", "Tên thuật toán"),
    ("111003", "Phiên bản thuật toán"),
    ("111030", "Vùng ảnh"),
    ("112039", "Mã theo dõi"),
    ("112040", "UID theo dõi"),
    ("113000", "Ảnh đáng chú ý"),
    ("113001", "Loại vì chất lượng"),
    ("113003", "Dùng cho phẫu thuật"),
    ("113004", "Dùng cho giảng dạy"),
    ("113010", "Vấn đề chất lượng"),
    ("113020", "Đính kèm báo cáo"),
    ("113030", "Danh mục đối tượng"),
    ("113037", "Loại vì an toàn người bệnh"),
    ("113701", "Báo cáo liều tia X"),
    ("113702", "Liều tia X tích lũy"),
    ("113764", "Mặt phẳng thu nhận"),
    ("113769", "UID lần phát tia"),
    ("113811", "Liều CT tích lũy"),
    ("113812", "Tổng số lần phát tia"),
    ("113813", "Tổng DLP của CT"),
    ("113814", "Tổng liều hiệu dụng của CT"),
    ("113819", "Lần chụp CT"),
    ("113820", "Kiểu chụp CT"),
    ("113830", "CTDIvol trung bình"),
    ("113838", "DLP"),
    ("113839", "Liều hiệu dụng"),
    ("121005", "Loại người quan sát"),
    ("121006", "Người"),
    ("121007", "Thiết bị"),
    ("121008", "Tên người quan sát"),
    ("121009", "Cơ quan của người quan sát"),
    ("121010", "Vai trò trong cơ quan"),
    ("121011", "Vai trò trong thủ thuật"),
    ("121012", "UID thiết bị quan sát"),
    ("121013", "Tên thiết bị quan sát"),
    ("121014", "Hãng sản xuất thiết bị quan sát"),
    ("121015", "Kiểu thiết bị quan sát"),
    ("121016", "Số sê-ri thiết bị quan sát"),
    ("121017", "Nơi đặt thiết bị quan sát"),
    ("121018", "UID ca chụp của thủ thuật"),
    ("121022", "Số chỉ định"),
    ("121023", "Mã thủ thuật"),
    ("121024", "Loại đối tượng"),
    ("121028", "UID đối tượng"),
    ("121029", "Tên đối tượng"),
    ("121030", "Mã đối tượng"),
    ("121031", "Ngày sinh của đối tượng"),
    ("121032", "Giới tính của đối tượng"),
    ("121033", "Tuổi của đối tượng"),
    ("121049", "Ngôn ngữ của nội dung"),
    ("121058", "Thủ thuật được báo cáo"),
    ("121060", "Bệnh sử"),
    ("121062", "Yêu cầu"),
    ("121064", "Mô tả các thủ thuật hiện tại"),
    ("121065", "Mô tả thủ thuật"),
    ("121066", "Mô tả các thủ thuật trước"),
    ("121068", "Các phát hiện trước"),
    ("121069", "Phát hiện trước"),
    ("121070", "Các phát hiện"),
    ("121071", "Phát hiện"),
    ("121072", "Các nhận định"),
    ("121073", "Nhận định"),
    ("121074", "Các khuyến nghị"),
    ("121075", "Khuyến nghị"),
    ("121076", "Các kết luận"),
    ("121077", "Kết luận"),
    ("121078", "Phụ lục"),
    ("121080", "Hình minh họa rõ nhất"),
    ("121110", "Tình trạng người bệnh"),
    ("121111", "Tóm tắt"),
    ("121112", "Nguồn của phép đo"),
    ("121139", "Loại máy"),
    ("121181", "Danh mục đối tượng DICOM"),
    ("121191", "Vùng được phân đoạn"),
    ("121206", "Khoảng cách"),
    ("121207", "Chiều cao"),
    ("121401", "Cách suy ra"),
    ("121402", "Mức bình thường"),
    ("125007", "Nhóm phép đo"),
    ("126000", "Báo cáo các phép đo trên ảnh"),
    ("126001", "Báo cáo các phép đo ung bướu"),
    ("126003", "Báo cáo các phép đo PET"),
    ("126010", "Các phép đo trên ảnh"),
    ("126011", "Các phép đo suy ra từ ảnh"),
];

/// The Vietnamese name of a concept that is known.
pub(super) fn vietnamese(concept: &Concept) -> Option<&'static str> {
    let place = NAMES.binary_search_by_key(&concept.value.as_str(), |(value, _)| value).ok()?;
    (concept.scheme == SCHEME).then(|| NAMES[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_are_known_by_scheme_and_code_together() {
        let name = |scheme: &str, value: &str| vietnamese(&Concept { scheme: scheme.to_owned(), value: value.to_owned() });
        assert_eq!(name("DCM", "121070"), Some("Các phát hiện"));
        assert_eq!(name("99LOCAL", "121070"), None);
        assert_eq!(name("DCM", "1"), None);
        assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b), "each once, sorted");
    }
}
