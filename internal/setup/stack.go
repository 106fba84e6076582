package setup

import (
	"strings"
)

// Stack returns the configuration of an operator's program for a stack that
// was deployed: the tables and queues of a stack are named <stack>-<name>
// (infra/data.yaml), so nobody has to be asked for them. Queues are named, not
// addressed. Credentials, region and AWS_ENDPOINT_URL come from the
// environment.
func Stack(getenv func(string) string, stack string) (Config, error) {
	return Load(func(name string) string {
		for _, kind := range []string{"GRIOT_TABLE_", "GRIOT_QUEUE_"} {
			if own, ok := strings.CutPrefix(name, kind); ok {
				return stack + "-" + strings.ToLower(own)
			}
		}
		return getenv(name)
	})
}
