package openapi_test

import (
	"encoding"
	"reflect"
	"slices"
	"strings"

	"griot/internal/schema"
)

// shapes are the names of answers' schemas that are not called as their
// structs are. Those of the edge lose their Response; a struct without that
// which is not here is written where it is used.
var shapes = map[string]string{
	"extraction.Result": "Extraction", "extraction.Common": "Candidate", "extraction.SOPCandidate": "SOPCandidate",
	"extraction.EntityCandidate": "EntityCandidate", "extraction.RiskCandidate": "RiskSignal", "extraction.Citation": "Citation",
	"transcript.Segment": "Segment", "transcript.Reading": "Reading", "transcript.Warning": "ReadingWarning", "capture.Document": "Transcript",
	"sessions.mediaResponse": "RecordingMedia", "sessions.waitingResponse": "RecordingWait",
	"memory.CodeContext": "CodeContext", "conversations.pagination": "Pagination",
	"conversations.timeline": "Timeline", "conversations.memoryList": "MemoryList", "conversations.siblings": "Siblings",
	"conversations.byTopicResponse": "ByTopicResult", "conversations.searchResponse": "SearchResult",
	"conversations.memorySearchResponse": "MemorySearchResult", "conversations.topicSearchResponse": "TopicSearchResult",
	"conversations.createdResponse": "MemoryCreated", "conversations.updateNamedResponse": "NamedUpdated",
	"conversations.bulkDeleteResponse": "BulkDeleted", "conversations.batchResponse": "BatchResult",
}

// shapeOf is the name of a struct's schema; "": it has none of its own. What
// wraps others is called after them.
func shapeOf(t reflect.Type) string {
	base, _, generic := strings.Cut(t.String(), "[")
	if name := shapes[base]; name != "" {
		return name
	}
	if generic {
		data, _ := t.FieldByName("Data")
		if data.Type.Kind() == reflect.Slice {
			return shapeOf(data.Type.Elem()) + "List"
		}
		return "One" + shapeOf(data.Type)
	}
	name, edge := strings.CutSuffix(t.Name(), "Response")
	if !edge {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// answer describes what an endpoint answers with, where that is not said
// elsewhere: as of errors, or of nothing.
func (g *generator) answer(op mapping, t reflect.Type) {
	at := index(op, "responses")
	responses := slices.Clone(op[at].Value.(mapping))
	for i, item := range responses {
		response := item.Value.(mapping)
		if index(response, "$ref") >= 0 || item.Key == "204" {
			continue
		}
		content := mapping{{Key: "application/json", Value: mapping{{Key: "schema", Value: g.value(t, schema.Rules{})}}}}
		if others := index(response, "content"); others >= 0 {
			content = append(content, response[others].Value.(mapping)...)
			response = slices.Delete(slices.Clone(response), others, others+1)
		}
		responses[i].Value = append(slices.Clip(response), entry{Key: "content", Value: content})
	}
	op[at].Value = responses
}

// value describes what stands at a member of an answer.
func (g *generator) value(t reflect.Type, r schema.Rules) mapping {
	zero := reflect.Zero(t).Interface()
	switch v := zero.(type) {
	case encoding.TextMarshaler:
		if t.Kind() != reflect.Pointer {
			return ref("Time")
		}
	case interface{ Of() reflect.Type }:
		return g.value(v.Of(), r)
	case schema.Values:
		if t.Kind() == reflect.String {
			return g.words(v)
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		if t.Elem() == reflect.TypeFor[struct{}]() { // always nil
			return mapping{{Key: "type", Value: "null"}}
		}
		return orNull(g.value(t.Elem(), r))
	case reflect.Slice, reflect.Array:
		return g.list(t, r)
	case reflect.Map:
		return aMap(r, g.value(t.Elem(), eachOf(r)))
	case reflect.Struct:
		return g.structure(t)
	}
	return member(t, r)
}

func ref(name string) mapping {
	return mapping{{Key: "$ref", Value: "#/components/schemas/" + name}}
}

func (g *generator) list(t reflect.Type, r schema.Rules) mapping {
	s := bounded(mapping{{Key: "type", Value: "array"}}, "minItems", "maxItems", r)
	if t.Kind() == reflect.Array {
		s = append(s, entry{Key: "minItems", Value: int64(t.Len())}, entry{Key: "maxItems", Value: int64(t.Len())})
	}
	return append(s, entry{Key: "items", Value: g.value(t.Elem(), eachOf(r))})
}

// words refers to the schema of a type that has few values, by its own name.
func (g *generator) words(v schema.Values) mapping {
	name := reflect.TypeOf(v).Name()
	name = strings.ToUpper(name[:1]) + name[1:]
	if !g.described[name] {
		g.component(name, mapping{{Key: "type", Value: "string"}, {Key: "enum", Value: anys(v.Values())}})
	}
	return ref(name)
}

// structure is the object of a struct, or refers to it where it has a name.
func (g *generator) structure(t reflect.Type) mapping {
	name := shapeOf(t)
	if name == "" {
		return g.object(t)
	}
	if of := g.structs[name]; of != nil && of != t {
		g.t.Errorf("the schema %s would be of %s and of %s", name, of, t)
	}
	if g.structs[name] == nil {
		g.structs[name] = t
		g.component(name, g.object(t))
	}
	return ref(name)
}

// object describes the members of a struct. What it embeds is a part of it
// where that has a name, and generators keep both.
func (g *generator) object(t reflect.Type) mapping {
	var parts, required []any
	whole := map[int]bool{}
	for i := range t.NumField() {
		if field := t.Field(i); field.Anonymous && shapeOf(field.Type) != "" {
			parts, whole[i] = append(parts, g.structure(field.Type)), true
		}
	}
	properties := mapping{}
	for _, m := range schema.Members(t) {
		if whole[m.Index[0]] {
			continue
		}
		if !m.Omitted {
			required = append(required, m.Name)
		}
		properties = append(properties, entry{Key: m.Name, Value: described(g.member(m), t, m.Index)})
	}
	out := mapping{{Key: "type", Value: "object"}}
	if required != nil {
		out = append(out, entry{Key: "required", Value: required})
	}
	out = append(out, entry{Key: "properties", Value: properties})
	if parts != nil {
		return mapping{{Key: "allOf", Value: append(parts, out)}}
	}
	return out
}

func (g *generator) member(m schema.Member) mapping {
	switch {
	case m.Omitted && m.Type.Kind() == reflect.Pointer: // then it is not there
		return g.value(m.Type.Elem(), m.Rules)
	case m.Nullable:
		return orNull(g.value(m.Type, m.Rules))
	}
	return g.value(m.Type, m.Rules)
}
