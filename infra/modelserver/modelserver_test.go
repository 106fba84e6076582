package modelserver_test

import (
	"flag"
	"io"
	"testing"

	"griot/infra/modelserver"
)

func TestOptions(t *testing.T) {
	t.Setenv("GRIOT_MODEL_URL", "http://127.0.0.1:1")
	t.Setenv("GRIOT_MODEL", "small")
	for _, test := range []struct {
		args  []string
		model string // "" for none
		ok    bool
	}{
		{nil, "small", true},
		{[]string{"-model", "large"}, "large", true},
		{[]string{"-model-url", "https://h/v1"}, "small", true},
		{[]string{"-model-url", "", "-model", ""}, "", true},
		{[]string{"-model-url", ""}, "", false},
		{[]string{"-model", ""}, "", false},
		{[]string{"-model-url", "h"}, "small", false},
		{[]string{"-model-url", "ftp://h"}, "small", false},
	} {
		var o modelserver.Options
		fs := flag.NewFlagSet("test", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		o.Flags(fs, "read")
		if err := fs.Parse(test.args); err != nil {
			t.Fatal(err)
		}
		if err := o.Check(); (err == nil) != test.ok {
			t.Errorf("%q: %v", test.args, err)
		}
		if m := o.Open(); test.ok && ((m == nil) != (test.model == "") || m != nil && m.ID() != test.model) {
			t.Errorf("%q opens %v", test.args, m)
		}
	}
}
