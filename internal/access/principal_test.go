package access

import (
	"testing"

	"griot/internal/errs"
)

func TestRequire(t *testing.T) {
	tests := map[string]struct {
		has, needs []Scope
		allowed    bool
	}{
		"the scope":         {[]Scope{MemoriesRead}, []Scope{MemoriesRead}, true},
		"another":           {[]Scope{MemoriesWrite}, []Scope{MemoriesRead}, false},
		"one of several":    {[]Scope{ConversationsRead}, []Scope{SessionsRead, ConversationsRead}, true},
		"none of several":   {[]Scope{MemoriesRead}, []Scope{SessionsRead, ConversationsRead}, false},
		"all that there is": {[]Scope{All}, []Scope{APIKeysManage}, true},
		"none":              {nil, []Scope{SessionsRead}, false},
	}
	for name, test := range tests {
		err := Principal{Scopes: test.has}.Require(test.needs...)
		if (err == nil) != test.allowed || err != nil && !errs.Is(err, errs.PermissionDenied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
