//! As much of JSON Schema as the schemas here use: a crate for it would bring sixty others.

use serde_json::Value;

/// Whether a value is valid under a schema, and if not, where and why.
pub fn satisfies(schema: &Value, value: &Value) -> Result<(), String> {
    valid(schema, schema, value, "")
}

fn valid(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        let fits =
            match keyword.as_str() {
                "$ref" => {
                    let pointer = wanted.as_str().expect("a reference").trim_start_matches('#');
                    valid(root, root.pointer(pointer).expect("a definition"), value, at)?;
                    true
                }
                "anyOf" => {
                    let tried: Vec<Result<(), String>> =
                        wanted.as_array().expect("a list").iter().map(|one| valid(root, one, value, at)).collect();
                    if !tried.iter().any(Result::is_ok) {
                        let why: Vec<String> = tried.into_iter().filter_map(Result::err).collect();
                        return Err(format!("{at} fits nothing:\n  {}", why.join("\n  ")));
                    }
                    true
                }
                "type" => match wanted.as_str().expect("a type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.is_i64() || value.is_u64(),
                    other => panic!("the checker does not know the type {other}"),
                },
                "enum" => wanted.as_array().expect("a list").contains(value),
                "const" => wanted == value,
                "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().expect("a number")),
                "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().expect("a number")),
                "minLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 >= wanted.as_u64().unwrap_or(0))
                }
                "maxLength" => {
                    value.as_str().is_none_or(|text| text.chars().count() as u64 <= wanted.as_u64().unwrap_or(0))
                }
                "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= wanted.as_u64().unwrap_or(0)),
                "items" => {
                    for (index, element) in value.as_array().into_iter().flatten().enumerate() {
                        valid(root, wanted, element, &format!("{at}/{index}"))?;
                    }
                    true
                }
                "required" => wanted.as_array().expect("a list").iter().all(|name| {
                    value.as_object().is_none_or(|object| object.contains_key(name.as_str().expect("a name")))
                }),
                "properties" => {
                    for (name, inner) in value.as_object().into_iter().flatten() {
                        match wanted.get(name) {
                            Some(schema) => valid(root, schema, inner, &format!("{at}/{name}"))?,
                            None => return Err(format!("{at}/{name} is not allowed")),
                        }
                    }
                    true
                }
                "pattern" | "$schema" | "$id" | "$defs" | "title" | "description" | "additionalProperties" => true,
                other => panic!("the checker does not know {other}"),
            };
        if !fits {
            return Err(format!("{at} is {value}, {keyword}: {wanted}"));
        }
    }
    Ok(())
}

#[test]
fn the_checker_finds_what_does_not_fit() {
    let schema: Value = serde_json::json!({
        "type": "object",
        "properties": { "a": { "anyOf": [{ "const": 0 }, { "type": "integer", "minimum": 5, "maximum": 9 }] } },
        "required": ["a"],
        "additionalProperties": false,
    });
    for (text, fits) in
        [("{\"a\":0}", true), ("{\"a\":7}", true), ("{\"a\":4}", false), ("{}", false), ("{\"a\":0,\"b\":1}", false)]
    {
        let value = serde_json::from_str(text).expect("JSON");
        assert_eq!(satisfies(&schema, &value).is_ok(), fits, "{text}");
    }
}
