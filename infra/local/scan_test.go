package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"griot/infra/tenancy"
	"griot/internal/api/hosttest"
	"griot/internal/limit"
	"griot/internal/quota"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

// bookkeeping are the partitions of a workspace, by the ends of their keys, that
// say how much there is and was used, and not what: of these all rows are looked at.
var bookkeeping = []string{"#limit", "#quota", "#count", "#clock", "#lanes", "#order", "#leases", "#model", "#transcription"}

// bookkept are the rows of these partitions.
func bookkept(t *testing.T, h *host) (rows []table.Item) {
	t.Helper()
	ok(t, tablebolt.Scan(h.db, func(i table.Item) {
		if slices.ContainsFunc(bookkeeping, func(end string) bool { return strings.HasSuffix(i.PK, end) }) {
			rows = append(rows, i)
		}
	}, func(row string, err error) { t.Error(row, err) }))
	return rows
}

// wordless is all that a text in these rows may be made of: ids, random letters,
// names of our own, and numbers in JSON.
var wordless = regexp.MustCompile(`^[A-Za-z0-9_#@.:,"{}\[\]-]*$`)

// TestBookkeepingSaysNothing looks at the rows of limits, quotas, counts, leases
// and the clock, when two workspaces have done something of every kind: they say
// no words, no secrets and no addresses, nothing of another workspace, and what
// was used is gone when its time has passed. No row at all has a key.
func TestBookkeepingSaysNothing(t *testing.T) {
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	h := inMemory(t, now)
	h.limits.Shared = true // as on AWS: its buckets are rows
	h.limits.Default = limit.Share(limit.DefaultReadUnits, limit.DefaultWriteUnits)
	w, c, end := create(t, h)
	defer end()
	env, err := tenancy.Furnish(t.Context(), h.Access, tenancy.Env{})
	ok(t, err)
	two := hosttest.Host{Base: c.Base, Key: env.Second.Key}
	for range 4 {
		two.Call(t, "POST", "/api/memories", map[string]any{"conversationId": "NEW", "content": "Zyzzyva keeps the second key.", "topics": []string{"Zyzzyva"}}, 201)
	}
	two.Call(t, "POST", "/v1/uploads", map[string]any{"size_bytes": 9, "filename": "zyzzyva.txt"}, 201)
	stream, err := c.Open(t.Context(), w.Open, "")
	ok(t, err)
	defer stream.Close()
	made := c.Call(t, "POST", "/api/apikeys", map[string]any{"label": "Zyzzyva's key", "scopes": []string{"read"}}, 201)["data"].(map[string]any)
	keyID := made["keyInfo"].(map[string]any)["id"].(string)
	workspaces, err := h.Access.ListWorkspaces(t.Context())
	ok(t, err)
	first, second := workspaces[0].ID, workspaces[1].ID
	if of := c.Call(t, "GET", "/v1/usage", nil, 200)["workspace_id"]; of != first {
		first, second = second, first
	}
	ok(t, h.limits.Set(t.Context(), first, keyID, limit.Rates{limit.Classes[0]: limit.Amount{1, 2, 3}}))
	n := int64(1 << 20)
	ok(t, h.Access.SetQuota(t.Context(), first, quota.StoredBytes, &n))

	secrets := []string{w.Key, env.Second.Key, made["apiKey"].(string)}
	for i, key := range secrets {
		_, secrets[i], _ = strings.Cut(key, ".")
	}
	words := append(slices.Clone(secrets), w.Word, w.Late, "Maud", "Piet", "acme", "yzzyva", "canal", "weir", "127.0.0.1", "localhost")
	seen := map[string]int{}
	for _, row := range bookkept(t, h) {
		owner, of, _ := strings.Cut(row.PK, "#")
		seen[of]++
		if owner != first && owner != second {
			t.Errorf("%s is no workspace's", row.PK)
		}
		texts := []string{row.PK, row.SK}
		for name, value := range row.Attrs {
			texts = append(texts, name)
			switch v := value.(type) {
			case int64:
			case string:
				texts = append(texts, v)
			case []byte:
				texts = append(texts, string(v))
			default:
				t.Errorf("%s %s has a %T", row.PK, row.SK, v)
			}
		}
		text := strings.Join(texts, ",")
		if !wordless.MatchString(text) {
			t.Errorf("%s %s has words: %q", row.PK, row.SK, text)
		}
		other := second
		if owner == second {
			other = first
		}
		for _, word := range append(slices.Clone(words), other) {
			if strings.Contains(text, word) {
				t.Errorf("%s %s has %q: %q", row.PK, row.SK, word, text)
			}
		}
	}
	for _, of := range []string{"limit", "quota", "count", "clock", "order"} {
		if seen[of] < 2 {
			t.Errorf("%d rows of #%s: the test has not done enough", seen[of], of)
		}
	}

	ok(t, tablebolt.Scan(h.db, func(i table.Item) {
		for _, secret := range secrets {
			if strings.Contains(fmt.Sprintf("%s %s %s", i.PK, i.SK, i.Attrs), secret) {
				t.Errorf("%s %s has a key", i.PK, i.SK)
			}
		}
	}, func(row string, err error) { t.Error(row, err) }))

	empty(t, c)
	stream.Close()
	working, stop := context.WithCancel(t.Context())
	background := h.background(working)
	await(t, func() bool { return used(t, h, first, quota.StoredBytes) == 0 && h.idle(t) })
	stop()
	background.Wait()
	for _, name := range []quota.Name{quota.OpenSessions, quota.StoredBytes, quota.Topics} {
		if n := used(t, h, first, name); n != 0 {
			t.Errorf("%d count as %s of a workspace that has nothing any more", n, name)
		}
	}
	ahead.Store(int64(100 * 24 * time.Hour))
	for removed := 1; removed > 0; {
		removed, err = h.Table.Sweep(t.Context())
		ok(t, err)
	}
	for _, row := range bookkept(t, h) {
		_, of, _ := strings.Cut(row.PK, "#")
		lasting := of == "quota" || of == "count" || of == "clock" || of == "limit" && row.SK == "plan"
		if strings.HasPrefix(row.PK, first) && !lasting {
			t.Errorf("%s %s is left: %v", row.PK, row.SK, row.Attrs)
		}
	}
}

// empty deletes all that a workspace has.
func empty(t *testing.T, c hosttest.Host) {
	t.Helper()
	for _, of := range []struct {
		path   string
		status int
	}{{"/v1/sessions", 202}, {"/api/conversations", 204}} {
		for _, one := range c.Call(t, "GET", of.path+"?limit=100", nil, 200)["data"].([]any) {
			c.Call(t, "DELETE", of.path+"/"+one.(map[string]any)["id"].(string), nil, of.status)
		}
	}
}

// used is what a workspace has of a quota.
func used(t *testing.T, h *host, workspace string, n quota.Name) int64 {
	t.Helper()
	all, err := h.Access.Quotas(t.Context(), workspace)
	ok(t, err)
	return *all[slices.IndexFunc(all, func(u quota.Use) bool { return u.Name == n })].Used
}
