package table

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// maxName is the longest attribute name in bytes.
const maxName = 64<<10 - 1

// validate checks an operation on its own.
func (op Op) validate() error {
	if err := op.Key.Validate(); err != nil {
		return err
	}
	if err := op.validateShape(); err != nil {
		return err
	}
	if err := op.validateAttrs(); err != nil {
		return err
	}
	for i, cond := range op.If {
		if err := cond.validate(); err != nil {
			return fmt.Errorf("condition %d: %w", i, err)
		}
	}
	return nil
}

func (op Op) validateShape() error {
	sets, updates := len(op.Attrs) > 0, len(op.Add)+len(op.Remove) > 0
	switch op.Kind {
	case PutOp:
		if updates {
			return Limitf("a Put neither adds nor removes")
		}
	case UpdateOp:
	case DeleteOp:
		if sets || updates {
			return Limitf("a Delete has no attributes")
		}
	case CheckOp:
		if sets || updates || len(op.If) == 0 {
			return Limitf("a Check has conditions and nothing else")
		}
	default:
		return Limitf("there is no operation of kind %d", op.Kind)
	}
	return nil
}

// validateAttrs checks what is set, added and removed: an attribute in one of
// the three only, and once.
func (op Op) validateAttrs() error {
	if size := (Item{op.Key, op.Attrs}).Size(); size > MaxItem {
		return tooLarge(size)
	}
	names := slices.Concat(slices.Collect(maps.Keys(op.Attrs)), slices.Collect(maps.Keys(op.Add)), op.Remove)
	slices.Sort(names)
	for i, name := range names {
		if err := validateName(name); err != nil {
			return err
		}
		if i > 0 && names[i-1] == name {
			return Limitf("attribute %q is changed twice", name)
		}
	}
	for name, value := range op.Attrs {
		if err := validateValue(name, value); err != nil {
			return err
		}
	}
	return nil
}

// ValidateSize checks that an item, as it is after a write, is not too large.
func ValidateSize(item Item) error {
	if size := item.Size(); size > MaxItem {
		return tooLarge(size)
	}
	return nil
}

func tooLarge(size int) error {
	return Limitf("an item of %d bytes, %d are allowed", size, MaxItem)
}

func (c Cond) validate() error {
	switch c.Test {
	case TestAbsent, TestExists:
		return nil
	case TestMissing:
		return validateName(c.Attr)
	case TestEqual, TestLess, TestMissingOrLess:
		if err := validateName(c.Attr); err != nil {
			return err
		}
		return validateValue(c.Attr, c.Value)
	}
	return Limitf("there is no test %d", c.Test)
}

func validateName(name string) error {
	switch {
	case name == "pk" || name == "sk":
		return Limitf("the name %q is the key's", name)
	case name == "" || len(name) > maxName:
		return Limitf("an attribute's name has %d bytes, 1 to %d are allowed", len(name), maxName)
	case !utf8.ValidString(name):
		return Limitf("an attribute's name is not valid UTF-8")
	}
	return nil
}

func validateValue(name string, value any) error {
	switch v := value.(type) {
	case string:
		if !utf8.ValidString(v) {
			return Limitf("attribute %q is not valid UTF-8", name)
		}
	case int64, []byte:
	default:
		return Limitf("attribute %q is a %T, but only string, int64 and []byte can be stored", name, value)
	}
	if _, ok := value.(int64); name == ExpiresAttr && !ok {
		return Limitf("attribute %q is a number of seconds", ExpiresAttr)
	}
	return nil
}
