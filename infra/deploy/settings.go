package main

import (
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"griot/infra/lambda/build"
	"griot/infra/lambda/template"
	"griot/infra/stack"
)

// The templates, from the repository's root.
const (
	functionsFile = "template.yaml"
	dataFile      = "infra/data.yaml"
)

// Parameters that this command sets itself.
const (
	prefix  = "Prefix"  // of infra/data.yaml: the functions' stack
	version = "Version" // the commit
	protect = "Protect" // whether tables refuse to be deleted
)

// settings are what is to stand, and where.
type settings struct {
	root, env     string
	stack, region string
	profile       string            // of the credentials; "" for what the environment says
	confirm       bool              // before the functions change
	given         map[string]string // parameters, by samconfig.toml and the arguments
	functions     template.Template
	data          template.Template
}

// samconfig is as much of samconfig.toml as this command reads itself; sam
// reads the rest.
type samconfig struct {
	Deploy struct {
		Parameters struct {
			StackName          string   `toml:"stack_name"`
			Region             string   `toml:"region"`
			Profile            string   `toml:"profile"`
			Confirm            bool     `toml:"confirm_changeset"`
			ParameterOverrides []string `toml:"parameter_overrides"`
		} `toml:"parameters"`
	} `toml:"deploy"`
}

// load reads what an environment of samconfig.toml and the arguments say.
func load(env string, arguments []string) (settings, error) {
	root, err := build.Root(".")
	if err != nil {
		return settings{}, err
	}
	var all map[string]toml.Primitive
	meta, err := toml.DecodeFile(filepath.Join(root, "samconfig.toml"), &all)
	if err != nil {
		return settings{}, fmt.Errorf("reading samconfig.toml: %w", err)
	}
	table, known := all[env]
	if !known || env == "version" {
		delete(all, "version")
		return settings{}, fmt.Errorf("samconfig.toml has no environment %q, but %s", env, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	var c samconfig
	if err := meta.PrimitiveDecode(table, &c); err != nil {
		return settings{}, fmt.Errorf("reading %s of samconfig.toml: %w", env, err)
	}
	p := c.Deploy.Parameters
	if p.StackName == "" || p.Region == "" {
		return settings{}, fmt.Errorf("%s.deploy.parameters of samconfig.toml names no stack_name or no region", env)
	}
	s := settings{root: root, env: env, stack: p.StackName, region: p.Region, profile: p.Profile, confirm: p.Confirm, given: map[string]string{}}
	for _, pair := range slices.Concat(p.ParameterOverrides, arguments) {
		name, value, found := strings.Cut(pair, "=")
		if !found {
			return settings{}, fmt.Errorf("%q is no Parameter=Value", pair)
		}
		s.given[name] = value
	}
	if s.functions, err = template.Load(filepath.Join(root, functionsFile)); err != nil {
		return settings{}, err
	}
	if s.data, err = template.Load(filepath.Join(root, dataFile)); err != nil {
		return settings{}, err
	}
	if _, set := s.given[version]; !set {
		if s.given[version], err = commit(root); err != nil {
			return settings{}, err
		}
	}
	return s, s.validate()
}

// commit names what is built.
func commit(root string) (string, error) {
	cmd := exec.Command("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", errors.New("git does not say which commit this is: name the version with Version=…")
	}
	return strings.TrimSpace(string(out)), nil
}

// parameter is one of a template's, as far as it can be judged here.
type parameter struct {
	Default    *string
	NoEcho     bool
	Allowed    []string
	Pattern    string // of the whole value
	Constraint string // the pattern, in words
	Number     bool
	Least      string // of a number; "" for any
	Shortest   string // of a text
}

func parameters(t template.Template) map[string]parameter {
	out := map[string]parameter{}
	all, _ := t.At("Parameters").(map[string]any)
	for name := range all {
		at := func(key string) string {
			if v := t.At("Parameters", name, key); v != nil {
				return fmt.Sprint(v)
			}
			return ""
		}
		p := parameter{NoEcho: at("NoEcho") == "true", Pattern: at("AllowedPattern"), Constraint: at("ConstraintDescription"), Number: at("Type") == "Number", Least: at("MinValue"), Shortest: at("MinLength")}
		if v := t.At("Parameters", name, "Default"); v != nil {
			text := fmt.Sprint(v)
			p.Default = &text
		}
		allowed, _ := t.At("Parameters", name, "AllowedValues").([]any)
		for _, v := range allowed {
			p.Allowed = append(p.Allowed, fmt.Sprint(v))
		}
		out[name] = p
	}
	return out
}

// check says what CloudFormation would say of a value after the build.
func (p parameter) check(name, value string) error {
	if len(p.Allowed) > 0 && !slices.Contains(p.Allowed, value) {
		return fmt.Errorf("%s=%s: want %s", name, value, strings.Join(p.Allowed, ", "))
	}
	number, err := strconv.ParseFloat(value, 64)
	if p.Number && err != nil {
		return fmt.Errorf("%s=%s: want a number", name, value)
	}
	if least, err := strconv.ParseFloat(p.Least, 64); p.Number && err == nil && number < least {
		return fmt.Errorf("%s=%s: want at least %s", name, value, p.Least)
	}
	if shortest, err := strconv.Atoi(p.Shortest); err == nil && len(value) < shortest {
		return fmt.Errorf("%s=%s: too short, want %d at least", name, value, shortest)
	}
	if p.Pattern == "" {
		return nil
	}
	whole, err := regexp.Compile("^(?:" + p.Pattern + ")$")
	if err == nil && !whole.MatchString(value) { // CloudFormation judges what Go's regexp cannot
		want := p.Constraint
		if want == "" {
			want = "what fits " + p.Pattern
		}
		return fmt.Errorf("%s=%s: want %s", name, value, want)
	}
	return nil
}

func (s settings) validate() error {
	functions, data := parameters(s.functions), parameters(s.data)
	var wrong []error
	for name, value := range s.given {
		p, here := functions[name]
		q, there := data[name]
		switch {
		case !here && !there:
			wrong = append(wrong, fmt.Errorf("there is no parameter %s: %s", name, strings.Join(slices.Sorted(maps.Keys(known(functions, data))), ", ")))
		case name == prefix:
			wrong = append(wrong, errors.New("the parameter Prefix follows from stack_name"))
		case here:
			wrong = append(wrong, p.check(name, value))
		default:
			wrong = append(wrong, q.check(name, value))
		}
	}
	wrong = append(wrong, data[prefix].check("stack_name", s.stack))
	return errors.Join(wrong...)
}

func known(all ...map[string]parameter) map[string]parameter {
	out := map[string]parameter{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	delete(out, prefix)
	return out
}

// values are all of a template's parameters, so that none stays as an earlier
// deployment had it. Secrets that nobody names do: they are in no file.
func (s settings) values(t template.Template) map[string]string {
	out := map[string]string{}
	for name, p := range parameters(t) {
		value, given := s.given[name]
		switch {
		case given:
			out[name] = value
		case name == prefix:
			out[name] = s.stack
		case name == protect:
			out[name] = strconv.FormatBool(s.values(s.functions)["Stage"] == "prod")
		case p.Default != nil && !p.NoEcho:
			out[name] = *p.Default
		}
	}
	return out
}

// dataStack is the name of the stack of what is kept.
func (s settings) dataStack() string { return s.stack + "-data" }

// place is where the stack stands.
func (s settings) place(account string) stack.Place {
	return stack.Place{Stack: s.stack, Region: s.region, Account: account, Parameters: s.values(s.functions)}
}
