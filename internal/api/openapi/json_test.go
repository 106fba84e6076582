package openapi_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
)

var update = flag.Bool("update", false, "write the JSON")

// The JSON is the YAML.
func TestJSONIsTheYAML(t *testing.T) {
	for _, name := range []string{"openapi", "conversations"} {
		source, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		want, err := yaml.YAMLToJSON(source)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(name+".json", want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name + ".json")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s.json is not what the YAML says (%v): go test ./internal/api/openapi -update", name, err)
		}
	}
}
