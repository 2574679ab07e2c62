//! Searching the steps of orders, in the order of their beginning.

use filmless_model::attribute::Vr;
use filmless_model::order::{OrderAttribute, OrderQuery, ScheduledStep, StepStatus};
use filmless_model::query::{Matching, combined};

use super::comparisons::{Bind, Kind, Values};
use super::conditions::is_universal;
use super::{Statement, fetch};
use crate::connections::Connections;
use crate::engine::Engine;
use crate::error::IndexError;
use crate::orders::{columns_read, order_and_step};

/// The steps that a query finds.
pub(crate) async fn search(connections: &Connections, query: &OrderQuery) -> Result<Vec<ScheduledStep>, IndexError> {
    let rows = fetch(connections, statement(connections.engine(), query)).await?;
    let step = |row| order_and_step(row, 0).map(|(order, step)| ScheduledStep { order, step });
    rows.iter().map(step).collect()
}

fn statement(engine: Engine, query: &OrderQuery) -> Statement {
    let mut values = Values::new(engine, query.fuzzy_matching);
    let statuses: Vec<_> = query.statuses.iter().copied().map(StepStatus::as_str).map(|word| format!("'{word}'")).collect();
    let mut conditions =
        vec![if statuses.is_empty() { "1 = 0".to_owned() } else { format!("s.status in ({})", statuses.join(", ")) }];
    // PS3.4 table K.6-1 (Attributes for the Modality Worklist Information Model), Scheduled Procedure Step Start Time.
    let moments = combined(&query.matches, OrderAttribute::StartDate, OrderAttribute::StartTime);
    if let Some((days, times)) = moments {
        let (date, time) = (expression(OrderAttribute::StartDate), expression(OrderAttribute::StartTime));
        conditions.push(values.compare_moments(&date, days, &time, times));
    }
    let is_in_moments =
        |attribute| moments.is_some() && [OrderAttribute::StartDate, OrderAttribute::StartTime].contains(&attribute);
    for (attribute, matching) in &query.matches {
        if !is_universal(matching) && !is_in_moments(*attribute) {
            conditions.extend(condition(&mut values, *attribute, matching));
        }
    }
    if let Some(text) = &query.text {
        let mut any: Vec<_> = values.compare_words(&expression(OrderAttribute::PatientName), &text.folded).into_iter().collect();
        let beginning = Matching::WildCard(format!("{}*", text.plain));
        for attribute in [OrderAttribute::PatientId, OrderAttribute::AccessionNumber] {
            any.extend(values.compare(&expression(attribute), Kind::Exact, &beginning));
        }
        conditions.push(format!("({})", any.join(" or ")));
    }
    let offset = values.bind(Bind::Number(i64::try_from(query.offset).unwrap_or(i64::MAX)));
    let sql = format!(
        "select {}, s.status, {} from order_steps s join orders o on o.order_key = s.order_key where {} \
         order by s.scheduled_procedure_step_start_date, s.scheduled_procedure_step_start_time, s.step_key \
         limit {} offset ${offset}",
        columns_read(false),
        columns_read(true),
        conditions.join(" and "),
        query.limit
    );
    Statement { sql, binds: values.binds }
}

fn expression(attribute: OrderAttribute) -> String {
    let alias = if attribute.place().is_of_step() { "s" } else { "o" };
    let folded = if attribute.is_folded() { "_folded" } else { "" };
    format!("{alias}.{}{folded}", attribute.name())
}

fn condition(values: &mut Values, attribute: OrderAttribute, matching: &Matching) -> Option<String> {
    let expression = expression(attribute);
    if attribute.has_many() {
        let condition = values.compare("v.value", Kind::Exact, matching)?;
        return Some(format!("exists (select 1 from {} where {condition})", values.engine.values_of(&expression)));
    }
    let kind = match attribute.vr() {
        Vr::DA => Kind::Date,
        Vr::TM => Kind::Time,
        vr if attribute.is_folded() => Kind::Folded { name: vr == Vr::PN },
        _ => Kind::Exact,
    };
    values.compare(&expression, kind, matching)
}

#[cfg(test)]
mod tests {
    use filmless_model::order::FreeText;

    use super::*;

    #[test]
    fn a_worklist_is_one_statement() {
        let single = |text: &str| Matching::Single(text.to_owned());
        let range = |from: &str, to: &str| Matching::Range { from: Some(from.to_owned()), to: Some(to.to_owned()) };
        let query = OrderQuery {
            matches: vec![
                (OrderAttribute::ScheduledStationAeTitle, single("CT1")),
                (OrderAttribute::Modality, Matching::List(vec!["CT".to_owned(), "PT".to_owned()])),
                (OrderAttribute::StartDate, range("20261122", "20261123")),
                (OrderAttribute::StartTime, range("080000", "120000")),
                (OrderAttribute::PatientName, Matching::WildCard("nguyen*".to_owned())),
                (OrderAttribute::PatientId, Matching::WildCard("*".to_owned())),
            ],
            statuses: StepStatus::WAITING.to_vec(),
            text: Some(FreeText { plain: "An".to_owned(), folded: "an".to_owned() }),
            fuzzy_matching: false,
            limit: 20,
            offset: 40,
        };
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let Statement { sql, binds } = statement(engine, &query);
            let conditions = sql.split_once(" where ").expect("conditions").1;
            insta::assert_snapshot!(format!("{engine:?}"), format!("{conditions}\n{binds:?}"));
        }
    }
}
