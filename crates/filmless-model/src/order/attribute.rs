//! The attributes of orders (PS3.4 table K.6-1, Attributes for the Modality Worklist Information Model): one table.
//!
//! A row gives all that index, doors and files need to know of an attribute. Its name is its keyword in snake case, with the
//! sequence in front for codes; it is the column, the member in JSON and the head of a column in CSV.

use crate::attribute::{Tag, Vr};

/// Where an attribute stands in an answer of the worklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// At the top: of the patient, the visit, the request or the requested procedure.
    Order,
    /// In Requested Procedure Code Sequence.
    ProcedureCode,
    /// In Scheduled Procedure Step Sequence.
    Step,
    /// In Scheduled Protocol Code Sequence of that.
    ProtocolCode,
}

impl Place {
    /// Whether a step has it, and not the order.
    pub fn is_of_step(self) -> bool {
        matches!(self, Self::Step | Self::ProtocolCode)
    }
}

/// Scheduled Procedure Step Sequence.
pub const STEP_SEQUENCE: Tag = Tag(0x0040, 0x0100);
/// Requested Procedure Code Sequence.
pub const PROCEDURE_CODE_SEQUENCE: Tag = Tag(0x0032, 0x1064);
/// Scheduled Protocol Code Sequence.
pub const PROTOCOL_CODE_SEQUENCE: Tag = Tag(0x0040, 0x0008);
/// Scheduled Procedure Step Status.
pub const STEP_STATUS: Tag = Tag(0x0040, 0x0020);

macro_rules! attributes {
    ($($variant:ident $name:literal $group:literal $element:literal $vr:ident $place:ident)*) => {
        /// An attribute of an order or of one of its steps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the variants are the standard's keywords")]
        pub enum OrderAttribute {
            $($variant,)*
        }

        impl OrderAttribute {
            /// All of them, those of the order first.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The tag.
            pub fn tag(self) -> Tag {
                match self { $(Self::$variant => Tag($group, $element),)* }
            }

            /// The value representation.
            pub fn vr(self) -> Vr {
                match self { $(Self::$variant => Vr::$vr,)* }
            }

            /// Where it stands.
            pub fn place(self) -> Place {
                match self { $(Self::$variant => Place::$place,)* }
            }
        }
    };
}

attributes! {
    AccessionNumber              "accession_number"                               0x0008 0x0050 SH Order
    PatientName                  "patient_name"                                   0x0010 0x0010 PN Order
    PatientId                    "patient_id"                                     0x0010 0x0020 LO Order
    IssuerOfPatientId            "issuer_of_patient_id"                           0x0010 0x0021 LO Order
    PatientBirthDate             "patient_birth_date"                             0x0010 0x0030 DA Order
    PatientSex                   "patient_sex"                                    0x0010 0x0040 CS Order
    PatientSize                  "patient_size"                                   0x0010 0x1020 DS Order
    PatientWeight                "patient_weight"                                 0x0010 0x1030 DS Order
    MedicalAlerts                "medical_alerts"                                 0x0010 0x2000 LO Order
    Allergies                    "allergies"                                      0x0010 0x2110 LO Order
    AdditionalPatientHistory     "additional_patient_history"                     0x0010 0x21B0 LT Order
    PregnancyStatus              "pregnancy_status"                               0x0010 0x21C0 US Order
    AdmissionId                  "admission_id"                                   0x0038 0x0010 LO Order
    SpecialNeeds                 "special_needs"                                  0x0038 0x0050 LO Order
    CurrentPatientLocation       "current_patient_location"                       0x0038 0x0300 LO Order
    PatientState                 "patient_state"                                  0x0038 0x0500 LO Order
    ReferringPhysicianName       "referring_physician_name"                       0x0008 0x0090 PN Order
    RequestingPhysician          "requesting_physician"                           0x0032 0x1032 PN Order
    RequestingService            "requesting_service"                             0x0032 0x1033 LO Order
    PlacerOrderNumber            "placer_order_number_imaging_service_request"    0x0040 0x2016 LO Order
    FillerOrderNumber            "filler_order_number_imaging_service_request"    0x0040 0x2017 LO Order
    StudyInstanceUid             "study_instance_uid"                             0x0020 0x000D UI Order
    RequestedProcedureId         "requested_procedure_id"                         0x0040 0x1001 SH Order
    RequestedProcedureDescription "requested_procedure_description"               0x0032 0x1060 LO Order
    RequestedProcedurePriority   "requested_procedure_priority"                   0x0040 0x1003 SH Order
    ReasonForTheRequestedProcedure "reason_for_the_requested_procedure"           0x0040 0x1002 LO Order
    PatientTransportArrangements "patient_transport_arrangements"                 0x0040 0x1004 LO Order
    RequestedProcedureComments   "requested_procedure_comments"                   0x0040 0x1400 LT Order
    ConfidentialityConstraint    "confidentiality_constraint_on_patient_data_description" 0x0040 0x3001 LO Order

    ProcedureCodeValue           "requested_procedure_code_value"                 0x0008 0x0100 SH ProcedureCode
    ProcedureCodingScheme        "requested_procedure_coding_scheme_designator"   0x0008 0x0102 SH ProcedureCode
    ProcedureCodeMeaning         "requested_procedure_code_meaning"               0x0008 0x0104 LO ProcedureCode

    Modality                     "modality"                                       0x0008 0x0060 CS Step
    RequestedContrastAgent       "requested_contrast_agent"                       0x0032 0x1070 LO Step
    ScheduledStationAeTitle      "scheduled_station_ae_title"                     0x0040 0x0001 AE Step
    StartDate                    "scheduled_procedure_step_start_date"            0x0040 0x0002 DA Step
    StartTime                    "scheduled_procedure_step_start_time"            0x0040 0x0003 TM Step
    PerformingPhysicianName      "scheduled_performing_physician_name"            0x0040 0x0006 PN Step
    StepDescription              "scheduled_procedure_step_description"           0x0040 0x0007 LO Step
    StepId                       "scheduled_procedure_step_id"                    0x0040 0x0009 SH Step
    ScheduledStationName         "scheduled_station_name"                         0x0040 0x0010 SH Step
    StepLocation                 "scheduled_procedure_step_location"              0x0040 0x0011 SH Step
    PreMedication                "pre_medication"                                 0x0040 0x0012 LO Step
    CommentsOnTheStep            "comments_on_the_scheduled_procedure_step"       0x0040 0x0400 LT Step

    ProtocolCodeValue            "scheduled_protocol_code_value"                  0x0008 0x0100 SH ProtocolCode
    ProtocolCodingScheme         "scheduled_protocol_coding_scheme_designator"    0x0008 0x0102 SH ProtocolCode
    ProtocolCodeMeaning          "scheduled_protocol_code_meaning"                0x0008 0x0104 LO ProtocolCode
}

impl OrderAttribute {
    /// The attribute of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.name() == name)
    }

    /// The attribute with this tag at a place.
    pub fn at(place: Place, tag: Tag) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.place() == place && attribute.tag() == tag)
    }

    /// Those of an order, or else those of a step.
    pub fn of(is_of_step: bool) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |attribute| attribute.place().is_of_step() == is_of_step)
    }

    /// Whether it may have several values, with backslashes between.
    pub fn has_many(self) -> bool {
        matches!(self, Self::ScheduledStationAeTitle | Self::ScheduledStationName)
    }

    /// Whether it is compared by its folded text (`filmless_dicom::text::fold`).
    pub fn is_folded(self) -> bool {
        self.vr() == Vr::PN || matches!(self, Self::RequestedProcedureDescription | Self::StepDescription)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_found_by_name_and_by_place() {
        for attribute in OrderAttribute::ALL {
            assert_eq!(OrderAttribute::from_name(attribute.name()), Some(*attribute));
            assert_eq!(OrderAttribute::at(attribute.place(), attribute.tag()), Some(*attribute));
        }
        assert_eq!(OrderAttribute::from_name("patient"), None);
        assert_eq!(OrderAttribute::at(Place::Order, Tag(0x0008, 0x0060)), None);
    }
}
