package bedrock_test

import (
	"testing"

	"griot/internal/setup"
	"griot/internal/setup/bedrock"
)

func TestModelIsChosenByTheEnvironment(t *testing.T) {
	for _, id := range []string{"", "global.a.b-v1:0"} {
		env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "GRIOT_BEDROCK_MODEL": id}
		c, err := setup.Load(func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		if m := bedrock.Model(c, nil); (m == nil) != (id == "") || m != nil && m.ID() != id {
			t.Errorf("%q makes %v", id, m)
		}
	}
}
