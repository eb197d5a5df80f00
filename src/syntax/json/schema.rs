//! JSON Schema of the JSON forms, made from the tables that read and write them.

use super::bodies::KINDS;
use super::flows::FLOW;
use super::read::Extent;
use super::table::{Bounds, Field, Generation, NO_WORD, Need, Number, Sort, Table, Takes, Unit};
use super::write::{has_own_fields, schema_id};
use serde_json::{Map, Value, json};

/// The schema of a form: of one body, or of a list of bodies.
pub fn schema(generation: Generation) -> Value {
    let mut maker = Maker { generation, definitions: Map::new() };
    let templates = KINDS.iter().map(|(_, table)| *table).filter(|table| has_own_fields(table, generation));
    let bodies: Vec<Value> =
        templates.chain([&FLOW]).map(|table: &'static Table| maker.reference(table, Extent::Whole)).collect();
    maker.definitions.insert("body".to_owned(), json!({ "anyOf": bodies }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id(generation),
        "title": format!("Procedures and templates as bodies of API {}", generation.word()),
        "anyOf": [
            { "$ref": "#/$defs/body" },
            { "type": "array", "items": { "$ref": "#/$defs/body" } },
        ],
        "$defs": maker.definitions,
    })
}

struct Maker {
    generation: Generation,
    definitions: Map<String, Value>,
}

impl Maker {
    /// A table as a definition, made once. Tables hold each other without circles.
    fn reference(&mut self, table: &'static Table, extent: Extent) -> Value {
        let name = match extent {
            Extent::Whole => table.name.to_owned(),
            Extent::Changes => format!("{}Changes", table.name.trim_end_matches("Changes")),
        };
        if !self.definitions.contains_key(&name) {
            let object = self.object(table, extent);
            self.definitions.insert(name.clone(), object);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn object(&mut self, table: &'static Table, extent: Extent) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in table.of(self.generation).filter(|field| !matches!(field.takes, Takes::Refused)) {
            let name = field.name(self.generation);
            if properties.contains_key(name) {
                continue;
            }
            let mut schema = self.field(field, table, extent);
            let word = field.word.trim_start_matches(['@', '-']);
            if let (Some(object), false) = (schema.as_object_mut(), word.is_empty()) {
                object.insert("description".to_owned(), json!(format!("`{word}` of the language")));
            }
            properties.insert(name.to_owned(), schema);
            if field.need == Need::Required && extent == Extent::Whole {
                required.push(name);
            }
        }
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }

    fn field(&mut self, field: &Field, table: &'static Table, extent: Extent) -> Value {
        match &field.takes {
            Takes::Words(words) => words_schema(words),
            Takes::Number(number) => number_schema(number, self.generation),
            Takes::Numbers(number) => json!({ "type": "array", "items": number_schema(number, self.generation) }),
            Takes::Text(most) => json!({ "type": "string", "maxLength": most }),
            Takes::Length => json!({ "type": "string", "pattern": "^[0-9.]+(px|PX|[wWhHsSlL]?%)$" }),
            Takes::Colour => json!({ "type": "string", "pattern": "^0[xX][0-9a-fA-F]{6}$" }),
            Takes::Times => json!({ "type": "array", "items": { "type": "string", "pattern": "^[0-9.]+(s|%)$" } }),
            Takes::Template(kind) => template_schema(kind),
            Takes::Templates(kind) => json!({ "type": "array", "items": template_schema(kind) }),
            Takes::Object(inner) => {
                let extent = if field.word == "@overrides" { Extent::Changes } else { extent };
                self.reference(inner, extent)
            }
            Takes::Objects(inner, most) => {
                let item = self.reference(inner, Extent::Whole);
                let list = json!({ "type": "array", "items": item, "maxItems": most });
                match self.generation {
                    Generation::V2 => json!({ "anyOf": [item, list] }),
                    Generation::V3 => list,
                }
            }
            Takes::Mark if field.name(self.generation) == "Action" && !std::ptr::eq(table, &FLOW) => {
                json!({ "const": table.name })
            }
            Takes::Mark | Takes::Ignored | Takes::Refused => json!({}),
        }
    }
}

fn template_schema(kind: &str) -> Value {
    let description = match kind {
        "" => "the template's own number, or its name".to_owned(),
        kind => format!("number of a {kind} template, or the name of one of this text"),
    };
    json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "minLength": 1 }], "description": description })
}

fn words_schema(words: &[(&str, &str)]) -> Value {
    let sayable = words.iter().filter(|(_, meaning)| *meaning != NO_WORD);
    let value = |(word, _): &(&str, &str)| word.parse::<i64>().map_or_else(|_| json!(word), |number| json!(number));
    json!({ "enum": sayable.map(value).collect::<Vec<_>>() })
}

fn number_schema(number: &Number, generation: Generation) -> Value {
    let bounds = number.bounds(generation);
    let positive = range(bounds, 1);
    let mut forms = vec![positive];
    if bounds.sort == Sort::Ceiling {
        forms.push(range(bounds, -1));
    }
    if number.zero.is_some() {
        forms.push(json!({ "const": 0 }));
    }
    let mut schema = if forms.len() == 1 { forms.remove(0) } else { json!({ "anyOf": forms }) };
    if let (Some(object), Some(unit)) = (schema.as_object_mut(), unit_word(number.unit)) {
        object.insert("title".to_owned(), json!(unit));
    }
    schema
}

fn range(bounds: &Bounds, sign: i64) -> Value {
    if !bounds.only.is_empty() {
        return json!({ "enum": bounds.only.iter().map(|number| number * sign).collect::<Vec<_>>() });
    }
    let kind = if bounds.sort == Sort::Any { "number" } else { "integer" };
    let (least, most) = if sign < 0 { (-bounds.most, -bounds.least) } else { (bounds.least, bounds.most) };
    json!({ "type": kind, "minimum": least, "maximum": most })
}

fn unit_word(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::One => None,
        Unit::Kilobits => Some("kbps"),
        Unit::Hertz => Some("Hz"),
        Unit::Seconds => Some("seconds"),
        Unit::Milliseconds => Some("milliseconds"),
        Unit::Offset => Some("seconds from the start, below zero before the end"),
        Unit::Share => Some("a part of 1"),
        Unit::Transparency => Some("hundredths, 0 is opaque"),
    }
}

/// A field of the API that the language has no word for, or only for some of its values.
pub struct Refused {
    /// The object that has it.
    pub object: &'static str,
    /// Its name.
    pub field: &'static str,
    /// The values that are refused; none is all of them.
    pub values: Vec<&'static str>,
}

/// Every field that is refused by name, of either generation.
pub fn refused() -> Vec<Refused> {
    let mut found: Vec<Refused> = Vec::new();
    let (mut open, mut seen): (Vec<&'static Table>, Vec<&'static str>) = (Vec::new(), Vec::new());
    open.extend(KINDS.iter().map(|(_, table)| *table).chain([&FLOW]).rev());
    while let Some(table) = open.pop() {
        if seen.contains(&table.name) {
            continue;
        }
        seen.push(table.name);
        for generation in [Generation::V2, Generation::V3] {
            for field in table.of(generation) {
                let (object, name) = (table.name, field.name(generation));
                let values = match &field.takes {
                    Takes::Object(inner) | Takes::Objects(inner, _) => {
                        open.push(inner);
                        continue;
                    }
                    Takes::Words(words) => {
                        words.iter().filter(|(_, word)| *word == NO_WORD).map(|(word, _)| *word).collect()
                    }
                    Takes::Refused => Vec::new(),
                    _ => continue,
                };
                let is_refused = matches!(field.takes, Takes::Refused) || !values.is_empty();
                if is_refused && !found.iter().any(|known| known.object == object && known.field == name) {
                    found.push(Refused { object, field: name, values });
                }
            }
        }
    }
    found
}
