//! The conditions of further attributes: looked up by value, then upwards to whose values they are.

use filmless_model::attribute::{Tag, Vr};
use filmless_model::further::FurtherAttribute;
use filmless_model::query::{Matching, QueryRetrieveLevel};

use super::comparisons::Kind;
use super::conditions::Page;
use crate::columns::Table;

impl Page<'_> {
    /// The conditions, each with the table whose rows it is about. Keys of one sequence make one condition, which one and the
    /// same item must meet.
    pub(super) fn further(&mut self) -> Vec<(Table, String)> {
        let mut sequences: Vec<&[Tag]> = Vec::new();
        let mut conditions = Vec::new();
        let keys = &self.query.further;
        for (attribute, matching) in keys {
            let sequence = attribute.sequences();
            if sequence.is_empty() {
                conditions.push(self.of_items(&[(attribute, matching)]));
            } else if !sequences.contains(&sequence) {
                sequences.push(sequence);
                let of_sequence: Vec<_> = keys.iter().filter(|(a, _)| a.sequences() == sequence).map(|(a, m)| (a, m)).collect();
                conditions.push(self.of_items(&of_sequence));
            }
        }
        conditions
    }

    /// One item meets all these keys. At the top level all values stand in one.
    fn of_items(&mut self, keys: &[(&FurtherAttribute, &Matching)]) -> (Table, String) {
        let owner = keys.first().map_or(QueryRetrieveLevel::Instance, |(attribute, _)| attribute.owner());
        let (table, key) = match owner {
            QueryRetrieveLevel::Study => (Table::Studies, "study_key"),
            QueryRetrieveLevel::Series => (Table::Series, "series_key"),
            QueryRetrieveLevel::Instance => (Table::Instances, "instance_key"),
        };
        // A row of a lower table has the keys of those above.
        let key = format!("{}.{key}", table.max(self.own()).alias());
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for (attribute, matching) in keys {
            match matching {
                Matching::Empty => without.push(self.items(attribute, None)),
                Matching::All(words) => {
                    for word in words {
                        with.push(self.items(attribute, Some(&Matching::Single(word.clone()))));
                    }
                }
                matching => with.push(self.items(attribute, Some(matching))),
            }
        }
        let owners = |items: &str| format!("(select found.owner_key from ({items}) as found)");
        let condition = if with.is_empty() {
            let none: Vec<_> = without.iter().map(|items| format!("{key} not in {}", owners(items))).collect();
            none.join(" and ")
        } else {
            let mut items = with.join(" intersect ");
            for without in &without {
                items.push_str(" except ");
                items.push_str(without);
            }
            format!("{key} in {}", owners(&items))
        };
        (table, condition)
    }

    /// The items whose attribute has a value, or one that matches.
    fn items(&mut self, attribute: &FurtherAttribute, matching: Option<&Matching>) -> String {
        let name = self.values.text(&attribute.name());
        let kind = if attribute.vr() == Vr::PN { Kind::Folded { name: true } } else { Kind::Exact };
        let condition = matching.and_then(|matching| self.values.compare("f.value", kind, matching));
        format!(
            "select f.owner_key, f.item from further_values f \
             where f.attribute_key = (select a.attribute_key from further_attributes a where a.name = ${name}){}",
            condition.map(|condition| format!(" and {condition}")).unwrap_or_default()
        )
    }
}
