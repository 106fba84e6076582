package apitest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// probe is a value to try: one that is just good, or just not.
type probe struct {
	value     any
	good      bool
	wrongType bool // in JSON; in a query it may be of the right one
}

// absent is the value of what is left out.
var absent = any(struct{}{})

func (p probe) String() string {
	text := encode(p.value)
	if p.value == absent {
		text = "nothing"
	}
	if len(text) > 60 {
		text = fmt.Sprintf("%s… (%d bytes)", text[:60], len(text))
	}
	return strings.TrimSpace(text)
}

// probes are the values at and beyond the bounds of a schema.
func probes(doc, schema object, required bool) []probe {
	schema = resolve(doc, schema)
	out := []probe{{value: sample(doc, schema), good: true}}
	if required {
		out = append(out, probe{value: absent})
	}
	out = append(out, words(schema)...)
	for _, name := range typesOf(schema) {
		switch name {
		case "null":
			out = append(out, probe{value: nil, good: true})
		case "string":
			out = append(out, probe{value: 7, wrongType: true})
			out = append(out, texts(schema)...)
		case "integer":
			out = append(out, probe{value: "seven"}, probe{value: 1.5}, probe{value: true, wrongType: true})
			out = append(out, probe{value: json.RawMessage(word(sample(doc, schema)) + ".0"), good: true, wrongType: true})
			out = append(out, numbers(schema)...)
		case "number":
			out = append(out, probe{value: "seven"}, probe{value: true, wrongType: true})
			out = append(out, numbers(schema)...)
		case "boolean":
			out = append(out, probe{value: "maybe"}, probe{value: 1, wrongType: true})
		case "array":
			out = append(out, probe{value: 7, wrongType: true})
			out = append(out, lists(doc, schema)...)
		case "object":
			out = append(out, probe{value: "none", wrongType: true})
			out = append(out, pairs(doc, schema)...)
		}
	}
	return out
}

// words are those of an enumeration, and one that is none of them.
func words(schema object) (out []probe) {
	if want, ok := schema["const"].(bool); ok {
		return []probe{{value: want, good: true}, {value: !want}}
	}
	all := list(schema["enum"])
	for _, v := range all {
		out = append(out, probe{value: v, good: true})
	}
	if all != nil {
		out = append(out, probe{value: "nonesuch"})
	}
	return out
}

func texts(schema object) (out []probe) {
	if least, ok := schema["minLength"].(float64); ok {
		out = append(out, probe{value: ofLength(schema, int(least)), good: true}, probe{value: ofLength(object{}, int(least)-1)})
	}
	if most, ok := schema["maxLength"].(float64); ok {
		out = append(out, probe{value: ofLength(schema, int(most)), good: true}, probe{value: ofLength(schema, int(most)+1)})
	}
	for _, s := range []string{"¿not so?", "a\nb", "\u200b", ","} {
		if isOfForm(schema, s) != nil {
			return append(out, probe{value: s})
		}
	}
	return out
}

func numbers(schema object) (out []probe) {
	if least, ok := schema["minimum"].(float64); ok {
		out = append(out, probe{value: int64(least), good: true}, probe{value: int64(least) - 1})
	}
	if most, ok := schema["maximum"].(float64); ok {
		out = append(out, probe{value: int64(most), good: true}, probe{value: int64(most) + 1})
	}
	return out
}

func lists(doc, schema object) (out []probe) {
	entries := func(n int) []any { return slices.Repeat([]any{sample(doc, schema["items"].(object))}, n) }
	if least, ok := schema["minItems"].(float64); ok {
		out = append(out, probe{value: entries(int(least)), good: true}, probe{value: entries(int(least) - 1)})
	}
	if most, ok := schema["maxItems"].(float64); ok {
		out = append(out, probe{value: entries(int(most)), good: true}, probe{value: entries(int(most) + 1)})
	}
	return out
}

// pairs are objects with as many members as there may be, and with names as
// long as they may be.
func pairs(doc, schema object) (out []probe) {
	others, _ := schema["additionalProperties"].(object)
	entries := func(n int) object {
		all := object{}
		for i := range n {
			all[fmt.Sprint(entry, i)] = sample(doc, others)
		}
		return all
	}
	if most, ok := schema["maxProperties"].(float64); ok {
		out = append(out, probe{value: entries(int(most)), good: true}, probe{value: entries(int(most) + 1)})
	}
	names, _ := schema["propertyNames"].(object)
	if list(names["enum"]) != nil {
		out = append(out, probe{value: object{"nonesuch": sample(doc, others)}})
	}
	for _, p := range texts(names) {
		out = append(out, probe{value: object{p.value.(string): sample(doc, others)}, good: p.good})
	}
	return out
}

// sample is a value that a schema admits.
func sample(doc, schema object) any {
	schema = resolve(doc, schema)
	if v, ok := schema["example"]; ok {
		return v
	}
	if v, ok := schema["const"]; ok {
		return v
	}
	if all := list(schema["enum"]); all != nil {
		return all[0]
	}
	switch typesOf(schema)[0] {
	case "integer", "number":
		least, _ := schema["minimum"].(float64)
		return int64(least)
	case "boolean":
		return true
	case "array":
		return []any{sample(doc, schema["items"].(object))}
	case "object":
		return objectSample(doc, schema)
	}
	least, _ := schema["minLength"].(float64)
	return ofLength(schema, max(int(least), 1))
}

func objectSample(doc, schema object) object {
	out := object{}
	properties, _ := schema["properties"].(object)
	for _, name := range list(schema["required"]) {
		out[name.(string)] = sample(doc, properties[name.(string)].(object))
	}
	if others, ok := schema["additionalProperties"].(object); ok {
		out[nameIn(schema)] = sample(doc, others)
	}
	return out
}

// Ids that no shorter text has the form of.
const (
	aUUID    = "0b7e0a2e-0000-4000-8000-000000000001"
	aTalk    = "conv_01KRXN6W2VY3N0J8Q5Y3M2N4P6"
	aSitting = "session_01KRXN6W2VY3N0J8Q5Y3M2N4P6"
)

// ofLength is a text of so many characters that a schema admits but for its
// length; where its form does not allow of it, the next longer one.
func ofLength(schema object, n int) string {
	if schema["format"] == "date-time" {
		return time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	}
	for ; ; n++ {
		for _, begin := range []string{"", "https://files.example.com/", "a@b.example", "en-", "2026-05-18", "24h", "text/x-", "product:", aUUID, aTalk, aSitting} {
			for _, fill := range []string{"é", "a", "abcdefg-"} {
				if rest := n - len(begin); rest >= 0 {
					s := begin + string([]rune(strings.Repeat(fill, rest))[:rest])
					if isOfForm(schema, s) == nil {
						return s
					}
				}
			}
		}
		if n > 1<<16 {
			panic(fmt.Sprintf("no text has the form of %v", schema))
		}
	}
}
