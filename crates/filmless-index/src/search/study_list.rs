//! The study list: a page of studies in any order, that begins behind a study and not after so many (keyset paging), so that
//! page 10,000 costs what page 2 does.
//!
//! A page has two halves: the studies that are level with the one before it, behind its key, and those beyond. Each is one
//! stretch of a SQL index (migration 0019), which is why the expressions stand here as they stand there. What is gathered from
//! the rows below has no index: such an order reads all studies that meet the conditions.

use filmless_model::attribute::Attribute;
use filmless_model::change::ChangeKind;
use filmless_model::order::StepStatus;
use filmless_model::performed_step::StepState;
use filmless_model::query::{Matching, QueryRetrieveLevel};
use filmless_model::study_list::{ListedStudy, MOST_PRIORS, Place, ReadMark, SortValue, SortedBy, StudyListQuery, StudyState};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::comparisons::{Bind, Kind, latest};
use super::conditions::Page;
use super::zones::Zones;
use super::{Statement, available, fetch, rows};
use crate::columns::Table;
use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::row;

/// A study is arriving until this long after its last instance came.
const ARRIVING_MS: i64 = 60_000;

/// The changes that are looked at for that; so many more come in a minute only where an archive is filled from another.
const ARRIVING_CHANGES: u32 = 10_000;

/// A machine is at a step that it has spoken of within this time. Some never say that a step has ended.
const PERFORMING_MS: i64 = 12 * 3_600_000;

/// A page of the list.
pub(crate) async fn search(connections: &Connections, query: &StudyListQuery) -> Result<Vec<ListedStudy>, IndexError> {
    let zones = Zones::of(connections, &query.query).await?;
    let arriving = arriving(connections, query.now_ms).await?;
    let rows = fetch(connections, statement(connections.engine(), query, &zones, arriving)).await?;
    rows.iter().map(|row| listed(row, query.order.by)).collect()
}

/// The studies whose instances came a moment ago.
async fn arriving(connections: &Connections, now_ms: i64) -> Result<Vec<String>, IndexError> {
    let since_ms = now_ms - ARRIVING_MS;
    let last = connections.fetch_optional(sqlx::query("select at_ms from changes order by sequence desc limit 1")).await?;
    if last.map(|row| row::number(&row, 0)).transpose()?.is_none_or(|at_ms| at_ms < since_ms) {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select distinct v.study_instance_uid \
         from (select version_key, kind, at_ms from changes order by sequence desc limit {ARRIVING_CHANGES}) as c \
         join instance_versions v on v.version_key = c.version_key where c.at_ms >= $1 and c.kind = $2"
    );
    // Safe: a fixed text with a fixed number.
    let query = sqlx::query(AssertSqlSafe(sql)).bind(since_ms).bind(ChangeKind::Stored.as_str());
    connections.fetch_all(query).await?.iter().map(|row| row::text(row, 0)).collect()
}

fn statement(engine: Engine, query: &StudyListQuery, zones: &Zones, arriving: Vec<String>) -> Statement {
    let mut page = Page::new(engine, &query.query, zones);
    let mut conditions = page.conditions();
    let mut narrow = |condition: String| {
        conditions.push_str(if conditions.is_empty() { " where " } else { " and " });
        conditions.push_str(&condition);
    };
    let arriving = page.values.text(&serde_json::Value::from(arriving).to_string());
    let performing_ms = page.values.bind(Bind::Number(query.now_ms - PERFORMING_MS));
    let reader = page.values.text(query.reader.as_str());
    let states = States::new(engine, arriving, performing_ms);
    if let Some(state) = query.state {
        narrow(states.condition(state));
    }
    if query.unread {
        narrow(format!(
            "not exists (select 1 from study_reads r where r.study_key = st.study_key and r.account = ${reader} and r.instances = {INSTANCES})"
        ));
    }
    let sorted = sorted(query.order.by);
    if matches!(query.order.by, SortedBy::PatientId | SortedBy::Priors) {
        page.join(Table::Patients);
    }
    if query.order.by == SortedBy::StudyDate {
        bounds(&mut page, &sorted).into_iter().for_each(&mut narrow);
    }

    let (direction, beyond) = if query.order.descending { ("desc", "<") } else { ("", ">") };
    let from = page.from();
    let limit = query.query.limit;
    let by_key = format!("st.study_key {direction}");
    let by_value = format!("{sorted} {direction}, {by_key}");
    let half = |more: &str, order: &str| {
        let and = match (more.is_empty(), conditions.is_empty()) {
            (true, _) => "",
            (false, true) => " where ",
            (false, false) => " and ",
        };
        // SQLite plans by the limit, so it is not bound.
        format!("select st.study_key, {sorted} as sorted from {from}{conditions}{and}{more} order by {order} limit {limit}")
    };
    let found = match &query.after {
        None => half("", &by_value),
        Some(Place(value, key)) => {
            let value = page.values.bind(match value {
                SortValue::Number(number) => Bind::Number(*number),
                SortValue::Text(text) => Bind::Text(crate::text::without_nul(text).into_owned()),
            });
            let key = page.values.bind(Bind::Number(*key));
            // Ordered by the key alone: SQLite does not see that the value is the same, and would sort.
            let level = half(&format!("{sorted} = ${value} and st.study_key {beyond} ${key}"), &by_key);
            let rest = half(&format!("{sorted} {beyond} ${value}"), &by_value);
            format!(
                "select study_key, sorted from ({level}) as level union all select study_key, sorted from ({rest}) as rest \
                 order by sorted {direction}, study_key {direction} limit {limit}"
            )
        }
    };
    let of_series = |column: &str| {
        format!(
            "(select string_agg(value, '\\') from (select distinct c.{column} as value from series c \
             where c.study_key = st.study_key and c.{column} <> '') as parts)"
        )
    };
    let sql = format!(
        "select {}, page.sorted, {}, {}, {PRIORS}, {}, {}, {}, (select r.instances from study_reads r \
         where r.study_key = st.study_key and r.account = ${reader}), {INSTANCES} \
         from ({found}) as page join studies st on st.study_key = page.study_key \
         join patients p on p.patient_key = st.patient_key order by page.sorted {direction}, page.study_key {direction}",
        rows::columns(QueryRetrieveLevel::Study, "st.study_key"),
        of_series("body_part_examined"),
        of_series("institution_name"),
        states.of_row(),
        states.missing("count(distinct x.value ->> 1)"),
        awaited(),
    );
    Statement { sql, binds: page.values.binds }
}

/// How many instances a study has.
const INSTANCES: &str = "(select count(*) from instances c where c.study_key = st.study_key)";

/// How many other studies a patient has, as far as [`MOST_PRIORS`]: one that has no Patient ID is nobody's.
const PRIORS: &str = "(case when p.patient_id = '' then 0 else \
                      (select count(*) - 1 from (select 1 from studies o where o.patient_key = st.patient_key limit 1000) as own) end)";

const _: () = assert!(MOST_PRIORS == 999, "PRIORS counts as far as this");

/// What studies are ordered by.
fn sorted(by: SortedBy) -> String {
    let text = |column: &str| format!("coalesce(st.{column}, '')");
    let of_series = |column: &str| {
        format!("coalesce((select min(c.{column}) from series c where c.study_key = st.study_key and c.{column} <> ''), '')")
    };
    match by {
        SortedBy::PatientName => text("patient_name_folded"),
        SortedBy::PatientId => "p.patient_id".to_owned(),
        SortedBy::PatientSex => text("patient_sex"),
        SortedBy::PatientBirthDate => text("patient_birth_date"),
        SortedBy::StudyDate => format!("{} || ' ' || {}", text("study_date"), text("study_time")),
        SortedBy::AccessionNumber => text("accession_number"),
        SortedBy::StudyDescription => text("study_description_folded"),
        SortedBy::Modality => of_series("modality"),
        SortedBy::BodyPart => of_series("body_part_examined"),
        SortedBy::Institution => of_series("institution_name"),
        SortedBy::Instances => INSTANCES.to_owned(),
        SortedBy::Priors => PRIORS.to_owned(),
    }
}

/// What a range of Study Date says of the order by date, so that its SQL index serves the range as well.
fn bounds(page: &mut Page<'_>, sorted: &str) -> Vec<String> {
    if page.query.time_zone.is_some() {
        return Vec::new();
    }
    let mut bounds = Vec::new();
    for (_, matching) in page.query.matches.iter().filter(|(attribute, _)| *attribute == Attribute::StudyDate) {
        let (from, to) = match matching {
            Matching::Single(day) => (Some(day), Some(day)),
            Matching::Range { from, to } => (from.as_ref(), to.as_ref()),
            _ => (None, None),
        };
        bounds.extend(from.map(|from| format!("{sorted} >= ${}", page.values.text(from))));
        // A tilde comes after the space and whatever a time begins with.
        bounds.extend(to.map(|to| format!("{sorted} <= ${}", page.values.text(&format!("{}~", latest(Kind::Date, to))))));
    }
    bounds
}

/// How many steps of the order of a study wait for a machine.
fn awaited() -> String {
    let words = StepStatus::WAITING.map(|status| format!("'{}'", status.as_str())).join(", ");
    format!(
        "(select count(*) from orders o join order_steps w on w.order_key = o.order_key \
         where o.study_instance_uid = st.study_instance_uid and w.status in ({words}))"
    )
}

/// The conditions that tell how far a study is.
struct States {
    arriving: String,
    incomplete: String,
    complete: String,
    engine: Engine,
}

/// The performed procedure steps of a study.
const STEPS: &str =
    "s.step_key in (select h.step_key from performed_step_schedules h where h.study_instance_uid = st.study_instance_uid)";

impl States {
    fn new(engine: Engine, arriving: usize, performing_ms: usize) -> Self {
        let mut states = Self {
            arriving: format!(
                "st.study_instance_uid in (select value from {} as arrived union all select h.study_instance_uid \
                 from performed_steps s join performed_step_schedules h on h.step_key = s.step_key \
                 where s.changed_ms > ${performing_ms} and s.state = '{}')",
                engine.texts(arriving),
                StepState::InProgress.as_str()
            ),
            incomplete: String::new(),
            complete: format!(
                "exists (select 1 from performed_steps s where {STEPS} and s.state = '{}')",
                StepState::Completed.as_str()
            ),
            engine,
        };
        states.incomplete = format!("exists {}", states.missing("1"));
        states
    }

    /// Reads something of the instances that machines say they made and that are not here.
    fn missing(&self, what: &str) -> String {
        format!(
            "(select {what} from performed_steps s, {} where {STEPS} \
             and not exists (select 1 from instances i where i.sop_instance_uid = x.value ->> 1))",
            self.engine.performed_instances("s.performed_series")
        )
    }

    fn condition(&self, state: StudyState) -> String {
        let Self { arriving, incomplete, complete, .. } = self;
        match state {
            StudyState::Arriving => arriving.clone(),
            StudyState::Incomplete => format!("not {arriving} and {incomplete}"),
            StudyState::Complete => format!("not {arriving} and not {incomplete} and {complete}"),
            StudyState::Received => format!("not {arriving} and not {incomplete} and not {complete}"),
        }
    }

    fn of_row(&self) -> String {
        let Self { arriving, incomplete, complete, .. } = self;
        let [is_arriving, is_incomplete, is_complete, received] = StudyState::ALL.map(StudyState::as_str);
        format!(
            "case when {arriving} then '{is_arriving}' when {incomplete} then '{is_incomplete}' \
             when {complete} then '{is_complete}' else '{received}' end"
        )
    }
}

fn listed(row: &AnyRow, by: SortedBy) -> Result<ListedStudy, IndexError> {
    let at = rows::columns_of_study();
    let values = |column| -> Result<Vec<String>, IndexError> {
        let text = row::optional_text(row, column)?.unwrap_or_default();
        let mut values: Vec<_> = text.split(rows::SEPARATOR).filter(|text| !text.is_empty()).map(str::to_owned).collect();
        values.sort_unstable();
        Ok(values)
    };
    let value = if by.is_number() { SortValue::Number(row::number(row, at)?) } else { SortValue::Text(row::text(row, at)?) };
    let instances = row::number(row, at + 8)?;
    Ok(ListedStudy {
        study: available(rows::values(QueryRetrieveLevel::Study, row)?),
        body_parts: values(at + 1)?,
        institutions: values(at + 2)?,
        priors: row::unsigned(row, at + 3)?,
        state: row::parsed(row, at + 4, StudyState::parse)?,
        missing: row::unsigned(row, at + 5)?,
        awaited: row::unsigned(row, at + 6)?,
        read: match row::optional_number(row, at + 7)? {
            None => ReadMark::Unread,
            Some(then) if then == instances => ReadMark::Read,
            Some(_) => ReadMark::Changed,
        },
        place: Place(value, row::number(row, 0)?),
    })
}
