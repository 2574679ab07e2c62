//! Orders from files and requests: CSV with a row for each step, or JSON. What is read is words; whether they make an order is
//! `filmless_model::order`'s to say.
//!
//! Bounded in every direction, as both come from elsewhere. What is wrong in one order is told with its place and its field,
//! and keeps no other from being read; what is wrong with the whole, such as an unknown column, refuses the whole.

use std::collections::HashMap;
use std::io::Read as _;

use csv::StringRecord;
use filmless_model::order::{MOST_STEPS, Order, OrderAttribute, Words};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

/// The longest file, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// The most orders of a file.
pub const MAX_ORDERS: usize = 10_000;
/// The most rows of a CSV file.
const MAX_ROWS: usize = 2 * MAX_ORDERS;
/// The longest value of a file, in bytes.
const MAX_VALUE_BYTES: usize = 64 << 10;
/// The member that has the steps.
const STEPS: &str = "steps";

/// What is said of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The line of a CSV file where it begins, or which of a JSON list it is; from 1.
    pub place: usize,
    /// What is said of the order itself.
    pub words: Words,
    /// What is said of each step.
    pub steps: Vec<Words>,
}

/// What is wrong, without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{reason}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct Fault {
    /// As in [`Draft::place`]; 0 for a request of one order.
    pub place: usize,
    /// The column or member.
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

/// An order, or what is wrong with it.
pub type Read = Result<Draft, Fault>;

impl Draft {
    /// The order that this makes.
    pub fn order(&self) -> Result<Order, Fault> {
        Order::new(&self.words, &self.steps).map_err(|error| {
            let reason = match error.step {
                Some(step) if self.steps.len() > 1 => format!("step {step}: {}", error.reason),
                _ => error.reason,
            };
            fault(self.place, Some(error.field), &reason)
        })
    }
}

fn fault(place: usize, field: Option<&str>, reason: &str) -> Fault {
    // A field's name may be anything: only its beginning is told.
    let field = field.map(|field| field.chars().filter(|c| !c.is_control()).take(64).collect());
    Fault { place, field, reason: reason.to_owned() }
}

/// Reads a file of orders: JSON if it begins as such, else CSV.
pub fn read(bytes: &[u8]) -> Result<Vec<Read>, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(fault(1, None, "the file is longer than 8 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| fault(1, None, "the file is not in UTF-8"))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.trim_start().starts_with(['[', '{']) { read_json(text) } else { read_csv(text) }
}

fn read_json(text: &str) -> Result<Vec<Read>, Fault> {
    // The error's own words would quote what stands there.
    let value: Value = serde_json::from_str(text).map_err(|error| fault(error.line(), None, "this is no JSON"))?;
    let orders = match value {
        Value::Array(orders) => orders,
        one => vec![one],
    };
    if orders.len() > MAX_ORDERS {
        return Err(fault(1, None, "there are more than 10000 orders"));
    }
    Ok((1..).zip(&orders).map(|(place, order)| draft(order, place)).collect())
}

/// Reads one order of JSON.
pub fn draft(value: &Value, place: usize) -> Read {
    let Value::Object(members) = value else { return Err(fault(place, None, "an order is an object")) };
    let mut steps = Vec::new();
    match members.get(STEPS) {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) if items.len() <= MOST_STEPS => {
            for item in items {
                let Value::Object(step) = item else { return Err(fault(place, Some(STEPS), "a step is an object")) };
                steps.push(words(step, place)?);
            }
        }
        Some(_) => return Err(fault(place, Some(STEPS), &format!("it is a list of at most {MOST_STEPS}"))),
    }
    Ok(Draft { place, words: words(members, place)?, steps })
}

fn words(members: &Map<String, Value>, place: usize) -> Result<Words, Fault> {
    let mut words = Words::new();
    for (name, value) in members.iter().filter(|(name, _)| *name != STEPS) {
        let attribute = OrderAttribute::from_name(name).ok_or_else(|| fault(place, Some(name), "there is no such field"))?;
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(fault(place, Some(name), "it is a text")),
        };
        words.insert(attribute, composed(attribute, &text, place)?);
    }
    Ok(words)
}

/// A text in composed form, so that what looks alike is alike.
fn composed(attribute: OrderAttribute, text: &str, place: usize) -> Result<String, Fault> {
    if text.len() > MAX_VALUE_BYTES {
        return Err(fault(place, Some(attribute.name()), "it is too long"));
    }
    Ok(text.nfc().collect())
}

/// An order as JSON, with the status of each step.
pub fn json(order: &Order) -> Value {
    let mut members = words_json(&order.words);
    let steps = order.steps.iter().map(|step| {
        let mut members = words_json(&step.words);
        members.insert("status".to_owned(), step.status.as_str().into());
        Value::Object(members)
    });
    members.insert(STEPS.to_owned(), steps.collect());
    Value::Object(members)
}

/// Words as members of JSON.
pub fn words_json(words: &Words) -> Map<String, Value> {
    words.iter().map(|(attribute, text)| (attribute.name().to_owned(), text.as_str().into())).collect()
}

fn read_csv(text: &str) -> Result<Vec<Read>, Fault> {
    let head = text.lines().next().unwrap_or_default();
    // Spreadsheets of countries that write a decimal comma part cells with semicolons.
    let separator = [',', ';', '\t'].into_iter().max_by_key(|c| (head.matches(*c).count(), *c == ',')).unwrap_or(',');
    let rows = rows(text, separator)?;
    let ((_, head), rows) = rows.split_first().ok_or_else(|| fault(1, None, "the file is empty"))?;
    let mut columns = Vec::new();
    for name in head {
        let attribute = OrderAttribute::from_name(name.trim());
        let attribute = attribute.ok_or_else(|| fault(1, Some(name.trim()), "there is no such column"))?;
        if columns.contains(&attribute) {
            return Err(fault(1, Some(name.trim()), "the column is there twice"));
        }
        columns.push(attribute);
    }
    let mut read: Vec<Read> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (line, cells) in rows {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let draft = of_row(&columns, cells, *line);
        // Without a number it is an order of its own, which the checks refuse.
        let number = columns.iter().position(|column| *column == OrderAttribute::AccessionNumber);
        let number = number.and_then(|place| cells.get(place)).map(|number| number.trim().to_owned()).unwrap_or_default();
        let earlier = places.get(&number).and_then(|place| read.get_mut(*place));
        if let Some(earlier) = earlier.filter(|_| !number.is_empty()) {
            add_step(earlier, draft);
        } else {
            places.insert(number, read.len());
            read.push(draft);
        }
        if read.len() > MAX_ORDERS {
            return Err(fault(*line, None, "there are more than 10000 orders"));
        }
    }
    Ok(read)
}

fn of_row(columns: &[OrderAttribute], cells: &StringRecord, line: usize) -> Read {
    if cells.len() != columns.len() {
        return Err(fault(line, None, &format!("the row has {} cells and the head {}", cells.len(), columns.len())));
    }
    let (mut words, mut step) = (Words::new(), Words::new());
    for (attribute, cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.trim().is_empty()) {
        let of = if attribute.place().is_of_step() { &mut step } else { &mut words };
        of.insert(*attribute, composed(*attribute, cell, line)?);
    }
    Ok(Draft { place: line, words, steps: vec![step] })
}

/// Another row of an order is another step of it. A row that is wrong makes the order wrong: without its step it is another.
fn add_step(earlier: &mut Read, row: Read) {
    let Ok(draft) = earlier else { return };
    match row {
        Ok(row) => {
            let differs = OrderAttribute::of(false).find(|attribute| draft.words.get(attribute) != row.words.get(attribute));
            if let Some(attribute) = differs {
                *earlier = Err(fault(row.place, Some(attribute.name()), "it differs from an earlier row of this order"));
            } else {
                draft.steps.extend(row.steps);
            }
        }
        Err(wrong) => *earlier = Err(wrong),
    }
}

/// The rows of CSV (RFC 4180, Common Format and MIME Type for CSV Files), each with its line. Empty ones are left out.
fn rows(text: &str, separator: char) -> Result<Vec<(usize, StringRecord)>, Fault> {
    /// A row behind all others: a quotation mark that is not closed swallows it.
    const END: &str = "\u{3}";
    if text.matches(separator).count() > MAX_ROWS * OrderAttribute::ALL.len() {
        return Err(fault(1, None, "there are too many cells"));
    }
    let separator = u8::try_from(separator).expect("a separator is ASCII");
    let with_end = text.as_bytes().chain(&b"\n"[..]).chain(END.as_bytes());
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(with_end);
    let (mut rows, mut line, mut at) = (Vec::<(usize, StringRecord)>::new(), 1, 0);
    for record in reader.into_records() {
        let record = record.expect("it is UTF-8 in memory");
        if let Some((line, _)) = rows.get(MAX_ROWS + 1) {
            return Err(fault(*line, None, "there are more than 20000 rows"));
        }
        // Its position is where the row before it ends: in front of empty lines, or between the two bytes that end a line.
        let position = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(at);
        let behind = text.as_bytes().get(position..).unwrap_or_default();
        let start = position + behind.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += text.get(at..start.min(text.len())).unwrap_or_default().matches('\n').count();
        at = start;
        rows.push((line, record));
    }
    match rows.pop() {
        Some((_, end)) if end.iter().eq([END]) => Ok(rows),
        _ => Err(fault(line, None, "a quotation mark is not closed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "accession_number,patient_id,patient_name,requested_procedure_description,modality,\
                        scheduled_station_ae_title,scheduled_procedure_step_start_date\n";

    fn told(text: &str) -> Vec<String> {
        match read(text.as_bytes()) {
            Err(fault) => vec![fault.to_string()],
            Ok(orders) => orders
                .into_iter()
                .map(|read| match read.and_then(|draft| draft.order()) {
                    Ok(order) => format!("{} with {}", order.accession_number(), order.steps.len()),
                    Err(fault) => fault.to_string(),
                })
                .collect(),
        }
    }

    #[test]
    fn rows_of_one_accession_number_are_steps_of_one_order() {
        let rows = "A1,P1,\"Nguyễn, Văn \"\"An\"\"\",CT,CT,CT1,2026-11-22\r\nA2,P2,B,CT,CT,CT1,20261122\n\
                    A1,P1,\"Nguyễn, Văn \"\"An\"\"\",CT,CT,CT1,20261123\n\n";
        assert_eq!(told(&format!("\u{FEFF}{HEAD}{rows}")), ["A1 with 2", "A2 with 1"]);
        let read = read(format!("{HEAD}{rows}").as_bytes()).expect("CSV").remove(0).expect("a draft");
        assert_eq!(read.words[&OrderAttribute::PatientName], "Nguyễn, Văn \"An\"");
        assert_eq!(told(&format!("{HEAD}{rows}").replace(", ", " ").replace(',', ";")), ["A1 with 2", "A2 with 1"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_column() {
        for (text, expected) in [
            ("", "1: the file is empty"),
            ("patient,modality\n", "1: patient: there is no such column"),
            ("modality,modality\n", "1: modality: the column is there twice"),
            (
                &format!("{HEAD}A1,P1,An,CT,CT,CT1,22.11.2026\n"),
                "2: scheduled_procedure_step_start_date: it is no date, YYYYMMDD or YYYY-MM-DD",
            ),
            (&format!("{HEAD},P1,An,CT,CT,CT1,20261122\n"), "2: accession_number: it is missing"),
            (&format!("{HEAD}\nA1,P1,An\n"), "3: the row has 3 cells and the head 7"),
            (&format!("{HEAD}A1,P1,\"An\n"), "2: a quotation mark is not closed"),
            (&format!("{HEAD}A1,P1,An,CT,CT,CT1,\"20261122\n"), "2: a quotation mark is not closed"),
            (&format!("{HEAD}\n,,\"\n\",,,,\n\nA1,P1,An\n").replace('\n', "\r\n"), "6: the row has 3 cells and the head 7"),
            (
                &format!("{HEAD}A1,P1,An,CT,CT,CT1,20261122\nA1,P2,An,CT,CT,CT1,20261122\n"),
                "3: patient_id: it differs from an earlier row of this order",
            ),
            (
                &format!("{HEAD}A1,P1,An,CT,CT,CT1,20261122\nA1,P1,An,CT,CT,CT1,x\n"),
                "2: scheduled_procedure_step_start_date: step 2: it is no date, YYYYMMDD or YYYY-MM-DD",
            ),
            ("[{\"accession_number\": 1, \"x\": 2}]", "1: x: there is no such field"),
            ("[1]", "1: an order is an object"),
            ("[{\"steps\": 1}]", "1: steps: it is a list of at most 20"),
            ("[{\"steps\": [{\"modality\": []}]}]", "1: modality: it is a text"),
            ("[{]", "1: this is no JSON"),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
        assert_eq!(read(&[0xFF]).map_err(|fault| fault.to_string()), Err("1: the file is not in UTF-8".to_owned()));
        assert!(read(&vec![b' '; MAX_BYTES + 1]).is_err());
    }

    #[test]
    fn json_is_read_back() {
        let text = "{\"accession_number\": \"A1\", \"patient_id\": \"P1\", \"patient_name\": \"Hoa\u{300}\", \"patient_weight\": 62.5, \
                    \"allergies\": null, \"requested_procedure_comments\": \"một\\nhai\", \"requested_procedure_description\": \"CT\", \
                    \"steps\": [{\"modality\": \"CT\", \"scheduled_station_ae_title\": \"CT1\", \"scheduled_procedure_step_start_date\": \"20261122\"}]}";
        let order = read(text.as_bytes()).expect("JSON").remove(0).and_then(|draft| draft.order()).expect("an order");
        assert_eq!(order.words[&OrderAttribute::PatientName], "Hoà");
        assert_eq!(order.words[&OrderAttribute::RequestedProcedureComments], "một\nhai");
        let mut written = json(&order);
        assert_eq!(written["steps"][0]["status"], "scheduled");
        written["steps"][0].as_object_mut().expect("a step").remove("status");
        assert_eq!(draft(&written, 1).and_then(|draft| draft.order()), Ok(order));
    }
}
