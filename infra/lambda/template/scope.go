package template

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// The account of everything on this machine.
const account = "000000000000"

// scope is one template while it is evaluated: the root, or a nested stack.
type scope struct {
	options    Options
	stack      string
	dir        string // of the template's file
	parameters map[string]any
	mappings   object
	conditions object
	resources  object
	globals    object // of functions
	outputs    object
	nested     map[string]*scope
	depth      int // of the evaluation that is going on
}

func open(file, stack string, o Options, given map[string]any) (*scope, error) {
	top, err := parseFile(file)
	if err != nil {
		return nil, err
	}
	s := &scope{options: o, stack: stack, dir: filepath.Dir(file), parameters: map[string]any{}, nested: map[string]*scope{}}
	s.mappings, _ = top["Mappings"].(object)
	s.conditions, _ = top["Conditions"].(object)
	s.resources, _ = top["Resources"].(object)
	s.outputs, _ = top["Outputs"].(object)
	s.globals, _ = dig(top, "Globals", "Function").(object)
	parameters, _ := top["Parameters"].(object)
	for name, p := range parameters {
		if fallback := dig(p, "Default"); fallback != nil {
			s.parameters[name] = fallback
		}
	}
	maps.Copy(s.parameters, given)
	if err := s.openNested(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// openNested opens the nested stacks whose templates are files here.
func (s *scope) openNested() error {
	for _, id := range s.ofType("AWS::CloudFormation::Stack", "AWS::Serverless::Application") {
		properties := dig(s.resources, id, "Properties")
		location := text(dig(properties, "TemplateURL")) + text(dig(properties, "Location"))
		given, err := s.eval(dig(properties, "Parameters"))
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		parameters, _ := given.(object)
		s.nested[id], err = open(filepath.Join(s.dir, location), s.stack+"-"+id, s.options, parameters)
		if err != nil {
			return err
		}
	}
	return nil
}

// ofType returns the logical ids of the resources of these types whose
// condition holds, sorted.
func (s *scope) ofType(types ...string) []string {
	var ids []string
	for id, r := range s.resources {
		if !slices.Contains(types, text(dig(r, "Type"))) {
			continue
		}
		if condition, ok := dig(r, "Condition").(string); ok {
			if yes, err := s.condition(condition); err != nil || !yes {
				continue
			}
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (s *scope) ref(name string) (any, error) {
	if v, ok := s.parameters[name]; ok {
		return v, nil
	}
	switch name {
	case "AWS::StackName":
		return s.stack, nil
	case "AWS::Region":
		return s.options.Region, nil
	case "AWS::AccountId":
		return account, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackId":
		return s.arn("cloudformation", "stack/"+s.stack), nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	if _, ok := s.resources[name]; !ok {
		return nil, fmt.Errorf("there is no parameter or resource %s", name)
	}
	physical, err := s.physical(name)
	if err == nil && text(dig(s.resources, name, "Type")) == "AWS::SQS::Queue" {
		physical = s.options.queueURL(physical)
	}
	return physical, err
}

// named is the property in which a resource of a type says its name.
var named = map[string]string{
	"AWS::Serverless::Function": "FunctionName", "AWS::DynamoDB::Table": "TableName",
	"AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName",
}

// physical returns the name of a resource, its own or the one that it gets.
func (s *scope) physical(id string) (string, error) {
	property := named[text(dig(s.resources, id, "Type"))]
	given, err := s.eval(dig(s.resources, id, "Properties", property))
	if err != nil {
		return "", fmt.Errorf("the name of %s: %w", id, err)
	}
	if name := text(given); name != "" {
		return name, nil
	}
	if property == "BucketName" {
		return strings.ToLower(s.stack + "-" + id), nil
	}
	return s.stack + "-" + id, nil
}

func (s *scope) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, s.options.Region, account, resource)
}

func (s *scope) attribute(id, name string) (any, error) {
	if inner, ok := s.nested[id]; ok {
		output := strings.TrimPrefix(name, "Outputs.")
		v, ok := inner.outputs[output]
		if !ok {
			return nil, fmt.Errorf("%s has no output %s", id, output)
		}
		return inner.eval(dig(v, "Value"))
	}
	if _, ok := s.resources[id]; !ok {
		return nil, fmt.Errorf("there is no resource %s", id)
	}
	physical, err := s.physical(id)
	if err != nil {
		return nil, err
	}
	kind := text(dig(s.resources, id, "Type"))
	switch kind + "." + name {
	case "AWS::SQS::Queue.Arn":
		return s.arn("sqs", physical), nil
	case "AWS::DynamoDB::Table.Arn":
		return s.arn("dynamodb", "table/"+physical), nil
	case "AWS::S3::Bucket.Arn":
		return "arn:aws:s3:::" + physical, nil
	case "AWS::Serverless::Function.Arn":
		return s.arn("lambda", "function:"+physical), nil
	case "AWS::SQS::Queue.QueueName":
		return physical, nil
	case "AWS::SQS::Queue.QueueUrl":
		return s.options.queueURL(physical), nil
	}
	return nil, fmt.Errorf("%s of a %s is not known here", name, kind)
}
