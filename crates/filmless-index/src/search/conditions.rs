//! The statement that finds the keys of a page: which tables, which conditions, which order.

use filmless_model::attribute::Attribute;
use filmless_model::query::{Matching, Query, QueryRetrieveLevel};

use super::Statement;
use super::comparisons::{Bind, Kind, Values, kind};
use super::zones::Zones;
use crate::columns::{Table, column, is_folded, table};
use crate::engine::Engine;

/// The Instance Availability (0008,0056) of everything the index holds: its bytes are at hand.
pub(super) const AVAILABILITY: &str = "ONLINE";

/// Builds the statement of a page.
pub(super) struct Page<'q> {
    pub(super) values: Values,
    pub(super) query: &'q Query,
    pub(super) zones: &'q Zones,
    /// Tables above the level's own that a condition or the order names.
    joined: Vec<Table>,
}

impl<'q> Page<'q> {
    pub(super) fn new(engine: Engine, query: &'q Query, zones: &'q Zones) -> Self {
        Self { values: Values::new(engine, query.fuzzy_matching), query, zones, joined: Vec::new() }
    }

    /// Finds the keys of the page, in order.
    pub(super) fn keys(engine: Engine, query: &'q Query, zones: &'q Zones) -> Statement {
        let mut page = Self::new(engine, query, zones);
        let conditions = page.conditions();
        let own = page.own();
        let keys = match own {
            Table::Series => "se.study_key, se.series_key",
            Table::Instances => "i.study_key, i.series_key, i.instance_key",
            // With what orders them: see [`super::rows::of_page`].
            _ => "st.study_key, st.study_date, st.study_time, st.study_instance_uid",
        };
        // Numbers order a series within its study and an instance within its series. Across studies they say nothing,
        // and ordering by them would sort the whole table: the order of arrival stands in.
        let order = match (own, page.within_one_study()) {
            (Table::Series, true) => "se.series_number nulls last, se.series_instance_uid",
            (Table::Series, false) => "se.series_key",
            (Table::Instances, true) => {
                page.join(Table::Series);
                "se.series_number nulls last, se.series_instance_uid, i.instance_number nulls last, i.sop_instance_uid"
            }
            (Table::Instances, false) => "i.instance_key",
            _ => "st.study_date desc nulls last, st.study_time desc nulls last, st.study_instance_uid",
        };
        let from = page.from();
        // SQLite plans by the limit: were it bound, each binding would prepare the statement anew.
        let offset = page.values.bind(Bind::Number(i64::try_from(query.offset).unwrap_or(i64::MAX)));
        let sql = format!("select {keys} from {from}{conditions} order by {order} limit {} offset ${offset}", query.limit);
        Statement { sql, binds: page.values.binds }
    }

    /// Finds the patients of the studies of all pages: the study of each that came last, and how much each patient has.
    pub(super) fn patients(engine: Engine, query: &'q Query, zones: &'q Zones) -> Statement {
        let mut page = Self::new(engine, query, zones);
        let conditions = page.conditions();
        let from = page.from();
        let count = |of: &str| {
            format!(
                "(select count(*) from studies d join {of} c on c.study_key = d.study_key where d.patient_key = st.patient_key)"
            )
        };
        let (series, instances) = (count("series"), count("instances"));
        let offset = page.values.bind(Bind::Number(i64::try_from(query.offset).unwrap_or(i64::MAX)));
        let sql = format!(
            "select max(st.study_key), (select count(*) from studies d where d.patient_key = st.patient_key), {series}, {instances} \
             from {from}{conditions} group by st.patient_key order by st.patient_key limit {} offset ${offset}",
            query.limit
        );
        Statement { sql, binds: page.values.binds }
    }

    /// Counts the rows of all pages.
    pub(super) fn count(engine: Engine, query: &'q Query, zones: &'q Zones) -> Statement {
        let mut page = Self::new(engine, query, zones);
        let conditions = page.conditions();
        Statement { sql: format!("select count(*) from {}{conditions}", page.from()), binds: page.values.binds }
    }

    /// The table whose rows are the answers.
    pub(super) fn own(&self) -> Table {
        match self.query.level {
            QueryRetrieveLevel::Study => Table::Studies,
            QueryRetrieveLevel::Series => Table::Series,
            QueryRetrieveLevel::Instance => Table::Instances,
        }
    }

    fn within_one_study(&self) -> bool {
        let names_one = |a: &Attribute| matches!(a, Attribute::StudyInstanceUid | Attribute::SeriesInstanceUid);
        self.query.study.is_some()
            || self.query.series.is_some()
            || self
                .query
                .matches
                .iter()
                .any(|(a, matching)| names_one(a) && matches!(matching, Matching::Single(key) if !key.is_empty()))
    }

    /// Notes that a table above is needed, and those between.
    pub(super) fn join(&mut self, table: Table) {
        for between in [Table::Series, Table::Studies, Table::Patients] {
            let needed = between >= table && between < self.own();
            // Studies are reached by study_key from series and instances alike, so series need not stand between.
            let on_the_way = between == table || (between == Table::Studies && table == Table::Patients);
            if needed && on_the_way && !self.joined.contains(&between) {
                self.joined.push(between);
            }
        }
    }

    pub(super) fn from(&self) -> String {
        let own = self.own();
        let mut from = match own {
            Table::Series => "series se".to_owned(),
            Table::Instances => "instances i".to_owned(),
            _ => "studies st".to_owned(),
        };
        if self.joined.contains(&Table::Series) {
            from.push_str(" join series se on se.study_key = i.study_key and se.series_key = i.series_key");
        }
        if self.joined.contains(&Table::Studies) {
            from.push_str(" join studies st on st.study_key = ");
            from.push_str(own.alias());
            from.push_str(".study_key");
        }
        if self.joined.contains(&Table::Patients) {
            from.push_str(" join patients p on p.patient_key = st.patient_key");
        }
        from
    }

    pub(super) fn conditions(&mut self) -> String {
        let query = self.query;
        let uid = |attribute, uid: &str| (attribute, Matching::Single(uid.to_owned()));
        let scope = [
            query.study.as_ref().map(|study| uid(Attribute::StudyInstanceUid, study.as_str())),
            query.series.as_ref().map(|series| uid(Attribute::SeriesInstanceUid, series.as_str())),
        ];
        let mut conditions = Vec::new();
        for (attribute, matching) in scope.iter().flatten().chain(&query.matches) {
            if !is_combined_time(query, *attribute) && !attribute.is_request_attribute() {
                let condition = self.in_zones(*attribute, matching);
                conditions.extend(condition.map(|condition| (home(*attribute), condition)));
            }
        }
        conditions.extend(self.requests().map(|condition| (Table::Series, condition)));
        conditions.extend(self.further());
        let mut all = Vec::new();
        // Conditions on children are gathered: one and the same series, and one instance of it, must meet them all.
        let (mut of_series, mut of_instances) = (Vec::new(), Vec::new());
        for (table, condition) in conditions {
            match table {
                Table::Series if self.own() < Table::Series => of_series.push(condition),
                Table::Instances if self.own() < Table::Instances => of_instances.push(condition),
                _ => all.push(condition),
            }
        }
        // A UID names few rows, and values of further attributes have an index of their own: looking those up and then their
        // parents beats asking each parent for such a child. For other keys it is the other way round, for most parents have
        // the child and the page is full soon.
        let from_below = query.further.iter().any(|(attribute, _)| attribute.owner() > QueryRetrieveLevel::Study)
            || scope.iter().flatten().chain(&query.matches).any(|(attribute, matching)| {
                matches!(attribute, Attribute::SeriesInstanceUid | Attribute::SopInstanceUid)
                    && matches!(matching, Matching::Single(_) | Matching::List(_))
            });
        if !of_instances.is_empty() {
            let conditions = of_instances.join(" and ");
            let has_child = if from_below {
                format!("se.series_key in (select i.series_key from instances i where {conditions})")
            } else {
                format!(
                    "exists (select 1 from instances i \
                     where i.study_key = se.study_key and i.series_key = se.series_key and {conditions})"
                )
            };
            if self.own() < Table::Series { of_series.push(has_child) } else { all.push(has_child) }
        }
        if !of_series.is_empty() {
            let conditions = of_series.join(" and ");
            all.push(if from_below {
                format!("st.study_key in (select se.study_key from series se where {conditions})")
            } else {
                format!("exists (select 1 from series se where se.study_key = st.study_key and {conditions})")
            });
        }
        if all.is_empty() { String::new() } else { format!(" where {}", all.join(" and ")) }
    }

    /// The condition on the modalities of a study's series: one of them meets it, or, of several that must all be there, one
    /// each.
    fn modalities(&mut self, study_key: &str, matching: &Matching) -> String {
        let of_series =
            |condition: &str| format!("exists (select 1 from series m where m.study_key = {study_key} and {condition})");
        match matching {
            Matching::Empty => format!("not {}", of_series("m.modality <> ''")),
            Matching::All(keys) => {
                let each = keys.iter().map(|key| self.modalities(study_key, &Matching::Single(key.clone())));
                each.collect::<Vec<_>>().join(" and ")
            }
            one => self.values.compare("m.modality", Kind::Exact, one).map_or_else(|| "1 = 1".to_owned(), |c| of_series(&c)),
        }
    }

    /// The condition on the Request Attributes Sequence of a series: one item meets all keys. Where all keys are of what has
    /// no value, no item has one.
    fn requests(&mut self) -> Option<String> {
        let keys = self.query.matches.iter().filter(|(attribute, _)| attribute.is_request_attribute());
        let keys: Vec<_> = keys.filter(|(_, matching)| !is_universal(matching)).collect();
        let all_empty = keys.iter().all(|(_, matching)| *matching == Matching::Empty);
        let mut conditions = Vec::new();
        for (attribute, matching) in keys {
            let column = format!("r.{}", column(*attribute));
            conditions.extend(if all_empty {
                Some(format!("{column} <> ''"))
            } else {
                self.values.compare(&column, Kind::Exact, matching)
            });
        }
        if conditions.is_empty() {
            return None;
        }
        let (not, conditions) = if all_empty { ("not ", conditions.join(" or ")) } else { ("", conditions.join(" and ")) };
        let series = Table::Series.max(self.own()).alias();
        Some(format!(
            "{not}exists (select 1 from request_attributes r where r.series_key = {series}.series_key and ({conditions}))"
        ))
    }

    /// The condition of one match key; `None` if every value meets it (PS3.4 C.2.2.2.3, Universal Matching).
    pub(super) fn condition(&mut self, attribute: Attribute, matching: &Matching) -> Option<String> {
        if is_universal(matching) || attribute == Attribute::RetrieveUrl {
            return None;
        }
        let own = self.own();
        let study_key = format!("{}.study_key", own.alias());
        let (expression, kind) = match attribute {
            Attribute::ModalitiesInStudy => return Some(self.modalities(&study_key, matching)),
            Attribute::AvailableTransferSyntaxUid => {
                let condition = self.values.compare("v.transfer_syntax_uid", Kind::Exact, matching)?;
                return Some(format!(
                    "exists (select 1 from instance_versions v where v.version_key = i.version_key and {condition})"
                ));
            }
            Attribute::InstanceAvailability => (format!("'{AVAILABILITY}'"), Kind::Exact),
            Attribute::NumberOfStudyRelatedSeries => {
                (format!("(select count(*) from series c where c.study_key = {study_key})"), Kind::Number)
            }
            Attribute::NumberOfStudyRelatedInstances => {
                (format!("(select count(*) from instances c where c.study_key = {study_key})"), Kind::Number)
            }
            Attribute::NumberOfSeriesRelatedInstances => {
                let of = if own == Table::Instances { "i" } else { "se" };
                let count = format!(
                    "(select count(*) from instances c where c.study_key = {of}.study_key and c.series_key = {of}.series_key)"
                );
                (count, Kind::Number)
            }
            _ => {
                let table = table(attribute);
                self.join(table);
                let folded = if is_folded(attribute) { "_folded" } else { "" };
                (format!("{}.{}{folded}", table.alias(), column(attribute)), kind(attribute))
            }
        };
        self.values.compare(&expression, kind, matching)
    }
}

/// Whether every value meets a key (PS3.4 C.2.2.2.3, Universal Matching).
pub(super) fn is_universal(matching: &Matching) -> bool {
    match matching {
        Matching::Single(key) => key.is_empty(),
        Matching::WildCard(key) => key.chars().all(|c| c == '*'),
        Matching::List(keys) | Matching::All(keys) => keys.is_empty(),
        Matching::Range { from, to } => from.is_none() && to.is_none(),
        Matching::Empty => false,
    }
}

/// Whether an attribute is the time of a range of moments, which the condition of its date covers.
fn is_combined_time(query: &Query, attribute: Attribute) -> bool {
    attribute.date_beside().is_some_and(|date| query.combined(date).is_some())
}

/// The table whose rows a condition on an attribute is about.
fn home(attribute: Attribute) -> Table {
    match attribute {
        Attribute::NumberOfSeriesRelatedInstances => Table::Series,
        Attribute::AvailableTransferSyntaxUid => Table::Instances,
        Attribute::ModalitiesInStudy
        | Attribute::InstanceAvailability
        | Attribute::RetrieveUrl
        | Attribute::NumberOfStudyRelatedSeries
        | Attribute::NumberOfStudyRelatedInstances => Table::Studies,
        stored => table(stored),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use filmless_model::attribute::{Tag, Vr};
    use filmless_model::further::FurtherAttribute;
    use filmless_model::uid::{SeriesInstanceUid, StudyInstanceUid};

    use super::*;

    fn single(key: &str) -> Matching {
        Matching::Single(key.to_owned())
    }

    fn wild(key: &str) -> Matching {
        Matching::WildCard(key.to_owned())
    }

    fn list(keys: &[&str]) -> Matching {
        Matching::List(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    fn range(from: Option<&str>, to: Option<&str>) -> Matching {
        Matching::Range { from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }

    fn show(shapes: &mut String, what: &str, query: &Query) {
        writeln!(shapes, "-- {what}").expect("a String takes all");
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let Statement { sql, binds } = Page::keys(engine, query, &Zones::default());
            writeln!(shapes, "{engine:?}: {sql}\n        {binds:?}").expect("a String takes all");
        }
        let Statement { sql, binds } = Page::count(Engine::Sqlite, query, &Zones::default());
        writeln!(shapes, "count:  {sql}\n        {binds:?}\n").expect("a String takes all");
    }

    #[test]
    fn the_shapes_of_pages() {
        use QueryRetrieveLevel::{Instance, Series, Study};
        let mut shapes = String::new();
        let mut case = |what: &str, level, matches: Vec<(Attribute, Matching)>| {
            show(&mut shapes, what, &Query { matches, ..Query::new(level) });
        };
        case("the study list", Study, vec![]);
        case("all series", Series, vec![]);
        case("all instances", Instance, vec![]);
        case(
            "studies of a patient",
            Study,
            vec![(Attribute::PatientId, single("P1")), (Attribute::IssuerOfPatientId, single("H"))],
        );
        case("studies by text", Study, vec![(Attribute::AccessionNumber, wild("A_[%*?"))]);
        case(
            "studies by name",
            Study,
            vec![(Attribute::PatientName, single("Nguyen")), (Attribute::StudyDescription, wild("*x"))],
        );
        case(
            "studies by date",
            Study,
            vec![
                (Attribute::StudyDate, range(Some("20260101"), Some("202602"))),
                (Attribute::StudyTime, single("1030")),
                (Attribute::PatientBirthDate, range(None, Some("19800101"))),
            ],
        );
        case("studies by UID", Study, vec![(Attribute::StudyInstanceUid, list(&["1.2", "1.3"]))]);
        case(
            "studies by children",
            Study,
            vec![
                (Attribute::Modality, single("CT")),
                (Attribute::SeriesNumber, single("2")),
                (Attribute::InstanceNumber, range(Some("1"), Some("9"))),
                (Attribute::AvailableTransferSyntaxUid, single("1.2")),
                (Attribute::ModalitiesInStudy, list(&["CT", "MR"])),
            ],
        );
        case("studies by instance alone", Study, vec![(Attribute::SopInstanceUid, single("1.2"))]);
        case(
            "studies by numbers",
            Study,
            vec![
                (Attribute::NumberOfStudyRelatedSeries, single("2")),
                (Attribute::NumberOfStudyRelatedInstances, list(&["3", "x"])),
                (Attribute::NumberOfSeriesRelatedInstances, wild("1*")),
                (Attribute::SeriesNumber, single("x")),
                (Attribute::InstanceAvailability, single("ONLINE")),
            ],
        );
        case(
            "series by parents and children",
            Series,
            vec![
                (Attribute::PatientId, single("P1")),
                (Attribute::SopClassUid, single("1.2")),
                (Attribute::ModalitiesInStudy, single("CT")),
                (Attribute::Modality, single("CT")),
            ],
        );
        case(
            "instances by parents",
            Instance,
            vec![
                (Attribute::PatientName, wild("a*")),
                (Attribute::Modality, single("CT")),
                (Attribute::NumberOfSeriesRelatedInstances, single("5")),
            ],
        );
        case(
            "keys that every value meets",
            Study,
            vec![
                (Attribute::PatientName, wild("**")),
                (Attribute::PatientId, single("")),
                (Attribute::StudyInstanceUid, list(&[])),
                (Attribute::StudyDate, range(None, None)),
                (Attribute::RetrieveUrl, single("x")),
            ],
        );
        case(
            "studies without values, and with several",
            Study,
            vec![
                (Attribute::PatientId, Matching::Empty),
                (Attribute::PatientName, Matching::Empty),
                (Attribute::SeriesNumber, Matching::Empty),
                (Attribute::ModalitiesInStudy, Matching::All(vec!["CT".to_owned(), "PT".to_owned()])),
            ],
        );
        case(
            "studies by a request",
            Study,
            vec![(Attribute::ScheduledProcedureStepId, single("S1")), (Attribute::RequestedProcedureId, wild("R*"))],
        );
        case(
            "instances without a request",
            Instance,
            vec![(Attribute::ScheduledProcedureStepId, Matching::Empty), (Attribute::RequestedProcedureId, Matching::Empty)],
        );
        case("studies without a modality", Study, vec![(Attribute::ModalitiesInStudy, Matching::Empty)]);
        let fuzzy =
            Query { matches: vec![(Attribute::PatientName, wild("an* nguyen"))], fuzzy_matching: true, ..Query::new(Study) };
        show(&mut shapes, "studies by words of a name", &fuzzy);
        let moments = Query {
            matches: vec![
                (Attribute::StudyDate, range(Some("20260105"), Some("20260107"))),
                (Attribute::StudyTime, range(Some("1000"), Some("18"))),
                (Attribute::SeriesTime, range(Some("10"), None)),
                (Attribute::SeriesDate, range(Some("20260105"), None)),
                (Attribute::ContentDate, range(Some("20260105"), None)),
                (Attribute::ContentTime, range(None, Some("10"))),
            ],
            combined_date_times: true,
            ..Query::new(Study)
        };
        show(&mut shapes, "studies by moments", &moments);
        let standard = |path: &[(u16, u16)], vr| {
            let path = path.iter().map(|(group, element)| Tag(*group, *element)).collect();
            FurtherAttribute::standard(path, vr).expect("a standard attribute")
        };
        let code = |element, vr| standard(&[(0x0008, 0x1032), (0x0008, element)], vr);
        let further = Query {
            further: vec![
                (standard(&[(0x0010, 0x1030)], Vr::DS), range(Some("c000"), None)),
                (standard(&[(0x0018, 0x1030)], Vr::LO), wild("THORAX*")),
                (standard(&[(0x0008, 0x0008)], Vr::CS), Matching::All(vec!["ORIGINAL".to_owned(), "AXIAL".to_owned()])),
                (code(0x0100, Vr::SH), single("CT1")),
                (code(0x0102, Vr::SH), list(&["L", "99X"])),
                (code(0x0103, Vr::SH), Matching::Empty),
            ],
            ..Query::new(Study)
        };
        show(&mut shapes, "studies by further attributes", &further);
        let names = vec![(standard(&[(0x0008, 0x1060)], Vr::PN), single("le an")), (code(0x0100, Vr::SH), Matching::Empty)];
        show(&mut shapes, "series by further attributes", &Query { further: names, fuzzy_matching: true, ..Query::new(Series) });
        let within = Query {
            study: Some(StudyInstanceUid::parse("1.2").expect("a UID")),
            series: Some(SeriesInstanceUid::parse("1.3").expect("a UID")),
            ..Query::new(Instance)
        };
        show(&mut shapes, "the instances of a series", &within);
        show(&mut shapes, "a study that has a series", &Query { level: Study, ..within.clone() });
        show(&mut shapes, "the series of a study", &Query { level: Series, series: None, ..within });
        insta::assert_snapshot!(shapes);
    }
}
