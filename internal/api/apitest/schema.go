package apitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

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

// documented checks an answer against its API's OpenAPI document: its status, its
// media type, and the shape of its JSON. Unknown paths are not described.
func documented(s step, ans answer) error {
	path, _, _ := strings.Cut(s.target, "?")
	document := sessions
	if strings.HasPrefix(path, "/api/") {
		document = conversations
	}
	doc, err := document()
	if err != nil {
		return err
	}
	operation := operationOf(doc, strings.ToLower(s.method), path)
	if operation == nil {
		return nil
	}
	responses := operation["responses"].(object)
	response, ok := responses[strconv.Itoa(ans.status)].(object)
	if !ok {
		if response, ok = responses["default"].(object); !ok {
			return fmt.Errorf("the status is not documented")
		}
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
	if !ok {
		return fmt.Errorf("the media type %q is not documented", mediaType)
	}
	if strings.Contains(mediaType, "json") {
		return conforms(doc, media["schema"].(object), ans.value, "")
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

func resolve(doc, o object) object {
	ref, ok := o["$ref"].(string)
	if !ok {
		return o
	}
	at := doc
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at, _ = at[name].(object)
	}
	return resolve(doc, at)
}

// conforms checks type, enum, const, required, properties, items, allOf and
// additionalProperties.
func conforms(doc, schema object, v any, at string) error {
	schema = resolve(doc, schema)
	if err := isOfType(schema, v, at); err != nil {
		return err
	}
	for _, part := range list(schema["allOf"]) {
		if err := conforms(doc, part.(object), v, at); err != nil {
			return err
		}
	}
	switch v := v.(type) {
	case object:
		return objectConforms(doc, schema, v, at)
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

func objectConforms(doc, schema, v object, at string) error {
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
		if err := conforms(doc, described, member, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func isOfType(schema object, v any, at string) error {
	if want, ok := schema["const"]; ok && !reflect.DeepEqual(v, want) {
		return fmt.Errorf("document: %s must be %v", at, want)
	}
	if enum := list(schema["enum"]); enum != nil && !slices.Contains(enum, v) {
		return fmt.Errorf("document: %s must be one of %v", at, enum)
	}
	types := list(schema["type"])
	if name, ok := schema["type"].(string); ok {
		types = []any{name}
	}
	if types == nil || slices.ContainsFunc(types, func(name any) bool { return typeOf(v, name) }) {
		return nil
	}
	return fmt.Errorf("document: %s must be %v", at, types)
}

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
