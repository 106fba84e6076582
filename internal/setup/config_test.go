package setup_test

import (
	"testing"

	"griot/internal/setup"
)

func TestMaxTokensPerDay(t *testing.T) {
	for value, want := range map[string]int64{"": 0, "0": 0, "5000000": 5_000_000, "-1": -1, "5e6": -1, "many": -1} {
		env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "GRIOT_MAX_TOKENS_PER_DAY": value}
		c, err := setup.Load(func(name string) string { return env[name] })
		if (err != nil) != (want < 0) || err == nil && c.MaxTokensPerDay != want {
			t.Errorf("%q is %d, %v", value, c.MaxTokensPerDay, err)
		}
	}
}
