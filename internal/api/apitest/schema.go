package apitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"griot/internal/api/openapi"
)

var (
	sessions      = sync.OnceValues(func() (object, error) { return parseDocument(openapi.JSON()) })
	conversations = sync.OnceValues(func() (object, error) { return parseDocument(openapi.ConversationsJSON()) })
)

func parseDocument(data []byte, err error) (doc object, _ error) {
	if err != nil {
		return nil, err
	}
	return doc, json.Unmarshal(data, &doc)
}

type object = map[string]any

// documented checks an answer against its API's OpenAPI document: its status,
// its media type, and the shape of its JSON. There are no answers but errors on
// paths that are not described.
func documented(s step, ans answer) error {
	path, _, _ := strings.Cut(s.target, "?")
	path = "/" + strings.TrimLeft(path, "/") // as the server forgives it, at the beginning only
	doc, err := documentOf(path)
	if err != nil {
		return err
	}
	operation := operationOf(doc, methodOf(s), path)
	switch {
	case operation != nil:
		return answers(doc, operation, s, ans)
	case ans.status < http.StatusBadRequest && (strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/api/")):
		return fmt.Errorf("the operation is not documented")
	}
	return nil
}

func documentOf(path string) (object, error) {
	if strings.HasPrefix(path, "/api/") {
		return conversations()
	}
	return sessions()
}

// methodOf is the name of a step's operation: HEAD is GET without a body.
func methodOf(s step) string {
	if s.method == http.MethodHead {
		return "get"
	}
	return strings.ToLower(s.method)
}

func answers(doc, operation object, s step, ans answer) error {
	responses := operation["responses"].(object)
	response, ok := responses[strconv.Itoa(ans.status)].(object)
	if !ok {
		if response, ok = responses["default"].(object); !ok {
			return fmt.Errorf("the status is not documented")
		}
	}
	if s.method == http.MethodHead {
		return nil
	}
	return describes(doc, response, ans)
}

func describes(doc, response object, ans answer) error {
	content, _ := resolve(doc, response)["content"].(object)
	if content == nil && ans.body == "" {
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(ans.header.Get("Content-Type"))
	media, ok := content[mediaType].(object)
	switch {
	case !ok:
		return fmt.Errorf("the media type %q is not documented", mediaType)
	case strings.Contains(mediaType, "json"):
		return conforms(doc, media["schema"].(object), ans.value, "")
	case mediaType == "text/event-stream":
		return eventsConform(doc, list(ans.value))
	}
	return nil
}

// eventsConform checks the segments of a stream, which are those of pages.
func eventsConform(doc object, events []any) error {
	segment := object{"$ref": "#/components/schemas/Segment"}
	for i, e := range events {
		if event := e.(object); event["event"] == "segment" {
			if err := conforms(doc, segment, event["data"], fmt.Sprintf("event %d: ", i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// operationOf finds the path that fits best: fixed parts before {id}.
func operationOf(doc object, method, path string) object {
	paths := doc["paths"].(object)
	for _, pattern := range slices.Sorted(maps.Keys(paths)) {
		operation, ok := paths[pattern].(object)[method].(object)
		if ok && fits(strings.Split(pattern, "/"), strings.Split(path, "/")) {
			return operation
		}
	}
	return nil
}

func fits(pattern, path []string) bool {
	if len(pattern) != len(path) {
		return false
	}
	for i, part := range pattern {
		if part != path[i] && (!strings.HasPrefix(part, "{") || path[i] == "") {
			return false
		}
	}
	return true
}

// resolve follows a reference; what stands beside it goes before what is there.
func resolve(doc, o object) object {
	ref, ok := o["$ref"].(string)
	if !ok {
		return o
	}
	at := doc
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at, _ = at[name].(object)
	}
	at = maps.Clone(resolve(doc, at))
	for name, v := range o {
		if name != "$ref" {
			at[name] = v
		}
	}
	return at
}

// conforms checks a value against a schema, strictly: a member that the schema
// does not describe is a fault, so that an answer cannot have one.
func conforms(doc, schema object, v any, at string) error {
	if err := complies(doc, schema, v, at); err != nil {
		return err
	}
	return nothingElse(doc, schema, v, at)
}

// complies checks all that the documents say of values.
func complies(doc, schema object, v any, at string) error {
	schema = resolve(doc, schema)
	for _, check := range []func(schema object, v any) error{isOfType, isInBounds, isOfForm} {
		if err := check(schema, v); err != nil {
			return fmt.Errorf("document: %s %w", at, err)
		}
	}
	for _, part := range list(schema["allOf"]) {
		if err := complies(doc, part.(object), v, at); err != nil {
			return err
		}
	}
	if err := isOneOf(doc, list(schema["anyOf"]), v, at); err != nil {
		return err
	}
	switch v := v.(type) {
	case object:
		return objectComplies(doc, schema, v, at)
	case []any:
		items, ok := schema["items"].(object)
		for i, elem := range v {
			if !ok {
				break
			}
			if err := conforms(doc, items, elem, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// isOneOf checks what may be of several schemas; the first one tells what is
// wrong.
func isOneOf(doc object, schemas []any, v any, at string) (first error) {
	for _, schema := range schemas {
		err := conforms(doc, schema.(object), v, at)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func objectComplies(doc, schema, v object, at string) error {
	for _, name := range list(schema["required"]) {
		if _, ok := v[name.(string)]; !ok {
			return fmt.Errorf("document: %s.%s is required", at, name)
		}
	}
	properties, _ := schema["properties"].(object)
	others, _ := schema["additionalProperties"].(object)
	for name, member := range v {
		described, ok := properties[name].(object)
		if !ok {
			described = others
		}
		if described == nil {
			continue // see nothingElse
		}
		if err := conforms(doc, described, member, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// nothingElse refuses members that no part of the schema describes. An object
// of which it says nothing at all, such as an OpenAPI document, may have any.
func nothingElse(doc, schema object, v any, at string) error {
	value, ok := v.(object)
	if !ok {
		return nil
	}
	described, open := describedBy(doc, schema)
	if open || described == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if !described[name] {
			return fmt.Errorf("document: %s.%s is not documented", at, name)
		}
	}
	return nil
}

// describedBy are the members that a schema and its parts name; open is for
// objects with members of any name.
func describedBy(doc, schema object) (names map[string]bool, open bool) {
	schema = resolve(doc, schema)
	if others, ok := schema["additionalProperties"]; ok && others != false {
		return nil, true
	}
	if properties, ok := schema["properties"].(object); ok {
		names = map[string]bool{}
		for name := range properties {
			names[name] = true
		}
	}
	for _, part := range slices.Concat(list(schema["allOf"]), list(schema["anyOf"])) {
		more, open := describedBy(doc, part.(object))
		if open {
			return nil, true
		}
		if names == nil && more != nil {
			names = map[string]bool{}
		}
		maps.Copy(names, more)
	}
	return names, false
}

func isOfType(schema object, v any) error {
	if want, ok := schema["const"]; ok && !reflect.DeepEqual(v, want) {
		return fmt.Errorf("must be %v", want)
	}
	if enum := list(schema["enum"]); enum != nil && !slices.Contains(enum, v) {
		return fmt.Errorf("must be one of %v", enum)
	}
	types := typesOf(schema)
	if types == nil || slices.ContainsFunc(types, func(name any) bool { return typeOf(v, name) }) {
		return nil
	}
	return fmt.Errorf("must be %v", types)
}

// typesOf are the types that a schema names; nil is any.
func typesOf(schema object) []any {
	if name, ok := schema["type"].(string); ok {
		return []any{name}
	}
	return list(schema["type"])
}

// isInBounds checks lengths, numbers of entries, and numbers.
func isInBounds(schema object, v any) error {
	size, least, most := 0.0, "", ""
	switch v := v.(type) {
	case string:
		size, least, most = float64(utf8.RuneCountInString(v)), "minLength", "maxLength"
	case []any:
		size, least, most = float64(len(v)), "minItems", "maxItems"
	case object:
		size, least, most = float64(len(v)), "minProperties", "maxProperties"
	case float64:
		size, least, most = v, "minimum", "maximum"
	}
	if bound, ok := schema[least].(float64); ok && size < bound {
		return fmt.Errorf("has a %s of %v, not %v", least, bound, size)
	}
	if bound, ok := schema[most].(float64); ok && size > bound {
		return fmt.Errorf("has a %s of %v, not %v", most, bound, size)
	}
	return nil
}

// isOfForm checks patterns, and formats that have one way to be written.
func isOfForm(schema object, v any) error {
	text, ok := v.(string)
	if !ok {
		return nil
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(text) {
		return fmt.Errorf("%q has not the pattern %s", text, pattern)
	}
	var err error
	switch schema["format"] {
	case "date-time":
		_, err = time.Parse(time.RFC3339, text)
	case "uri":
		if _, err = url.ParseRequestURI(text); strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
			err = fmt.Errorf("it is none")
		}
	case "email":
		_, err = mail.ParseAddress(text)
	case "uuid":
		if !uuid().MatchString(text) {
			err = fmt.Errorf("it is none")
		}
	}
	if err != nil {
		return fmt.Errorf("%q has not the format %s: %w", text, schema["format"], err)
	}
	return nil
}

var uuid = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
})

func typeOf(v, name any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	case []any:
		return name == "array"
	}
	return name == "object"
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
