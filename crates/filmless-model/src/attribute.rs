//! The attributes that are indexed: each may be a match key and a return key of a search.
//!
//! They are those of PS3.18 tables 10.6.1-3, 10.6.1-4 and 10.6.1-5 (Required Matching Attributes) with those
//! that study lists and viewers need besides. One row of the table below is all that a new attribute costs here.

/// A data element tag: group and element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(pub u16, pub u16);

impl Tag {
    /// Reads `GGGGEEEE`, eight hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_tag = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let half = |digits: &str| u16::from_str_radix(digits, 16).ok();
        is_tag.then(|| Some(Self(half(&text[..4])?, half(&text[4..])?)))?
    }

    /// `GGGGEEEE`.
    pub fn to_hex(self) -> String {
        format!("{:04X}{:04X}", self.0, self.1)
    }

    /// Whether its group is a maker's own (PS3.5 section 7.1, Data Elements).
    pub fn is_private(self) -> bool {
        !self.0.is_multiple_of(2)
    }

    /// Whether it is a Private Creator Element (PS3.5 section 7.8.1, Private Data Element Tags).
    pub fn is_private_creator(self) -> bool {
        self.is_private() && (0x0010..=0x00FF).contains(&self.1)
    }
}

impl serde::Serialize for Tag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> serde::Deserialize<'de> for Tag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a tag has eight hexadecimal digits"))
    }
}

macro_rules! representations {
    ($($name:ident)*) => {
        /// Value representations that searches match (PS3.5 section 6.2, Value Representation).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the variants are the standard's two-letter words")]
        pub enum Vr {
            $($name,)*
        }

        impl Vr {
            /// The two letters.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Reads the two letters.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }
        }
    };
}

representations! { AE AS CS DA DS DT FD FL IS LO LT PN SH SL SS ST SV TM UC UI UL UR US UT UV }

impl Vr {
    /// Whether the values are numbers.
    pub fn is_number(self) -> bool {
        use Vr::{DS, FD, FL, IS, SL, SS, SV, UL, US, UV};
        matches!(self, DS | FD | FL | IS | SL | SS | SV | UL | US | UV)
    }
}

/// The level whose entity an attribute describes (PS3.4 section C.6.1.1, Query/Retrieve Information Model).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The patient.
    Patient,
    /// A study.
    Study,
    /// A series.
    Series,
    /// An instance; IMAGE in DIMSE.
    Instance,
}

/// How the value of an attribute comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Read from the data set and kept in a column.
    Stored,
    /// Derived from the rows below, such as a count.
    Derived,
}

macro_rules! attributes {
    ($($name:ident $keyword:literal $group:literal $element:literal $vr:ident $level:ident $origin:ident)*) => {
        /// An indexed attribute.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the variants are the standard's keywords")]
        pub enum Attribute {
            $($name,)*
        }

        impl Attribute {
            /// All of them, patient first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The standard's keyword (PS3.6 section 6, Registry of DICOM Data Elements).
            pub fn keyword(self) -> &'static str {
                match self { $(Self::$name => $keyword,)* }
            }

            /// The tag.
            pub fn tag(self) -> Tag {
                match self { $(Self::$name => Tag($group, $element),)* }
            }

            /// The value representation.
            pub fn vr(self) -> Vr {
                match self { $(Self::$name => Vr::$vr,)* }
            }

            /// The level it belongs to.
            pub fn level(self) -> Level {
                match self { $(Self::$name => Level::$level,)* }
            }

            /// Whether it is kept or derived.
            pub fn origin(self) -> Origin {
                match self { $(Self::$name => Origin::$origin,)* }
            }
        }
    };
}

attributes! {
    PatientName                         "PatientName"                         0x0010 0x0010 PN Patient  Stored
    PatientId                           "PatientID"                           0x0010 0x0020 LO Patient  Stored
    IssuerOfPatientId                   "IssuerOfPatientID"                   0x0010 0x0021 LO Patient  Stored
    PatientBirthDate                    "PatientBirthDate"                    0x0010 0x0030 DA Patient  Stored
    PatientSex                          "PatientSex"                          0x0010 0x0040 CS Patient  Stored

    StudyDate                           "StudyDate"                           0x0008 0x0020 DA Study    Stored
    StudyTime                           "StudyTime"                           0x0008 0x0030 TM Study    Stored
    AccessionNumber                     "AccessionNumber"                     0x0008 0x0050 SH Study    Stored
    InstanceAvailability                "InstanceAvailability"                0x0008 0x0056 CS Study    Derived
    ModalitiesInStudy                   "ModalitiesInStudy"                   0x0008 0x0061 CS Study    Derived
    ReferringPhysicianName              "ReferringPhysicianName"              0x0008 0x0090 PN Study    Stored
    TimezoneOffsetFromUtc               "TimezoneOffsetFromUTC"               0x0008 0x0201 SH Study    Stored
    StudyDescription                    "StudyDescription"                    0x0008 0x1030 LO Study    Stored
    RetrieveUrl                         "RetrieveURL"                         0x0008 0x1190 UR Study    Derived
    StudyInstanceUid                    "StudyInstanceUID"                    0x0020 0x000D UI Study    Stored
    StudyId                             "StudyID"                             0x0020 0x0010 SH Study    Stored
    NumberOfStudyRelatedSeries          "NumberOfStudyRelatedSeries"          0x0020 0x1206 IS Study    Derived
    NumberOfStudyRelatedInstances       "NumberOfStudyRelatedInstances"       0x0020 0x1208 IS Study    Derived

    Modality                            "Modality"                            0x0008 0x0060 CS Series   Stored
    SeriesDate                          "SeriesDate"                          0x0008 0x0021 DA Series   Stored
    SeriesTime                          "SeriesTime"                          0x0008 0x0031 TM Series   Stored
    Manufacturer                        "Manufacturer"                        0x0008 0x0070 LO Series   Stored
    InstitutionName                     "InstitutionName"                     0x0008 0x0080 LO Series   Stored
    StationName                         "StationName"                         0x0008 0x1010 SH Series   Stored
    SeriesDescription                   "SeriesDescription"                   0x0008 0x103E LO Series   Stored
    BodyPartExamined                    "BodyPartExamined"                    0x0018 0x0015 CS Series   Stored
    SeriesInstanceUid                   "SeriesInstanceUID"                   0x0020 0x000E UI Series   Stored
    SeriesNumber                        "SeriesNumber"                        0x0020 0x0011 IS Series   Stored
    Laterality                          "Laterality"                          0x0020 0x0060 CS Series   Stored
    NumberOfSeriesRelatedInstances      "NumberOfSeriesRelatedInstances"      0x0020 0x1209 IS Series   Derived
    PerformedProcedureStepStartDate     "PerformedProcedureStepStartDate"     0x0040 0x0244 DA Series   Stored
    PerformedProcedureStepStartTime     "PerformedProcedureStepStartTime"     0x0040 0x0245 TM Series   Stored
    ScheduledProcedureStepId            "ScheduledProcedureStepID"            0x0040 0x0009 SH Series   Stored
    RequestedProcedureId                "RequestedProcedureID"                0x0040 0x1001 SH Series   Stored

    SopClassUid                         "SOPClassUID"                         0x0008 0x0016 UI Instance Stored
    SopInstanceUid                      "SOPInstanceUID"                      0x0008 0x0018 UI Instance Stored
    ContentDate                         "ContentDate"                         0x0008 0x0023 DA Instance Stored
    ContentTime                         "ContentTime"                         0x0008 0x0033 TM Instance Stored
    AvailableTransferSyntaxUid          "AvailableTransferSyntaxUID"          0x0008 0x3002 UI Instance Derived
    InstanceNumber                      "InstanceNumber"                      0x0020 0x0013 IS Instance Stored
    NumberOfFrames                      "NumberOfFrames"                      0x0028 0x0008 IS Instance Stored
    Rows                                "Rows"                                0x0028 0x0010 US Instance Stored
    Columns                             "Columns"                             0x0028 0x0011 US Instance Stored
    BitsAllocated                       "BitsAllocated"                       0x0028 0x0100 US Instance Stored
}

/// Request Attributes Sequence (0040,0275): in it stand Scheduled Procedure Step ID and Requested Procedure ID.
pub const REQUEST_ATTRIBUTES_SEQUENCE: Tag = Tag(0x0040, 0x0275);

impl Attribute {
    /// The attribute with this keyword.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.keyword() == keyword)
    }

    /// The attribute with this tag.
    pub fn from_tag(tag: Tag) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.tag() == tag)
    }

    /// The time that a date has beside it.
    pub fn time_beside(self) -> Option<Self> {
        match self {
            Self::StudyDate => Some(Self::StudyTime),
            Self::SeriesDate => Some(Self::SeriesTime),
            Self::ContentDate => Some(Self::ContentTime),
            Self::PerformedProcedureStepStartDate => Some(Self::PerformedProcedureStepStartTime),
            _ => None,
        }
    }

    /// The date that a time has beside it.
    pub fn date_beside(self) -> Option<Self> {
        Self::ALL.iter().copied().find(|date| date.time_beside() == Some(self))
    }

    /// Those that stand in the items of the Request Attributes Sequence.
    pub const OF_REQUESTS: [Self; 2] = [Self::ScheduledProcedureStepId, Self::RequestedProcedureId];

    /// Whether it stands in an item of the Request Attributes Sequence.
    pub fn is_request_attribute(self) -> bool {
        Self::OF_REQUESTS.contains(&self)
    }
}

/// The value of an attribute in a record or an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, decoded and without padding. Dates are `YYYYMMDD`, times `HHMMSS[.FFFFFF]`.
    Text(String),
    /// A whole number (IS, US).
    Number(i64),
    /// Several texts, such as Modalities in Study.
    TextList(Vec<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_found_by_keyword_and_by_tag() {
        for attribute in Attribute::ALL {
            assert_eq!(Attribute::from_keyword(attribute.keyword()), Some(*attribute));
            assert_eq!(Attribute::from_tag(attribute.tag()), Some(*attribute));
        }
        assert_eq!(Attribute::from_keyword("PatientWeight"), None);
    }
}
