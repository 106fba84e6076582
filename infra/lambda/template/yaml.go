package template

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// object is a mapping of the template; its intrinsic functions are in their
// long form, {"Ref": …} and {"Fn::Sub": …}.
type object = map[string]any

func parseFile(file string) (object, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	top, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return top, nil
}

func parse(data []byte) (object, error) {
	documents := yaml.NewDecoder(bytes.NewReader(data))
	var doc, another yaml.Node
	if err := documents.Decode(&doc); err != nil {
		return nil, err
	}
	if err := documents.Decode(&another); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one YAML document")
	}
	v, err := value(doc.Content[0])
	if err != nil {
		return nil, err
	}
	top, ok := v.(object)
	if !ok {
		return nil, errors.New("the document is no mapping")
	}
	return top, nil
}

// value converts a node to string, bool, int64, float64, nil, []any or object.
func value(n *yaml.Node) (any, error) {
	if function, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(function, "!") {
		return intrinsic(function, n)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return mapping(n)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, element := range n.Content {
			v, err := value(element)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		return scalar(n)
	}
	return nil, fmt.Errorf("line %d: an alias is not supported here", n.Line)
}

func scalar(n *yaml.Node) (any, error) {
	if n.Tag == "!!timestamp" { // the version of a policy; it is text
		return n.Value, nil
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, err
	}
	if i, ok := v.(int); ok {
		return int64(i), nil
	}
	return v, nil
}

func mapping(n *yaml.Node) (object, error) {
	out := object{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if _, twice := out[key.Value]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", key.Line, key.Value)
		}
		v, err := value(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		out[key.Value] = v
	}
	return out, nil
}

// intrinsic converts !Ref x to {"Ref": x} and !Sub x to {"Fn::Sub": x}.
func intrinsic(function string, n *yaml.Node) (any, error) {
	argument := *n
	argument.Tag = "" // what it is by itself
	if n.Kind == yaml.ScalarNode {
		argument.Tag = "!!str"
	}
	v, err := value(&argument)
	if err != nil {
		return nil, err
	}
	switch function {
	case "Ref", "Condition":
		return object{function: v}, nil
	case "GetAtt":
		if s, ok := v.(string); ok {
			resource, attribute, _ := strings.Cut(s, ".")
			v = []any{resource, attribute}
		}
	}
	return object{"Fn::" + function: v}, nil
}
