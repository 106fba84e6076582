package operator

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"griot/internal/quota"
)

// quotaSetting is a quota that the operator sets; a nil limit is the default.
type quotaSetting struct {
	name  quota.Name
	limit *int64
}

// addQuota reads a flag -quota NAME=N.
func (in *invocation) addQuota(s string) error {
	name, value, _ := strings.Cut(s, "=")
	set := quotaSetting{name: quota.Name(name)}
	if !slices.Contains(quota.Names, set.name) {
		return fmt.Errorf("there is no quota %q; there are: %v", name, quota.Names)
	}
	if value != "default" {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > quota.Most {
			return fmt.Errorf("it is NAME=N, with a number from 0 to %d, or NAME=default", int64(quota.Most))
		}
		set.limit = &n
	}
	in.quotas = append(in.quotas, set)
	return nil
}

func (in *invocation) setQuotas(ctx context.Context, workspace string) error {
	for _, set := range in.quotas {
		if err := in.dir.SetQuota(ctx, workspace, set.name, set.limit); err != nil {
			return err
		}
	}
	return in.printQuotas(ctx, workspace)
}

type quotaJSON struct {
	Name  quota.Name `json:"name"`
	Limit int64      `json:"limit"`
	Used  *int64     `json:"used"` // null of what holds for each session
}

func quotaOf(u quota.Use) quotaJSON { return quotaJSON(u) }

func (in *invocation) printQuotas(ctx context.Context, workspace string) error {
	uses, err := in.dir.Quotas(ctx, workspace)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(each(uses, quotaOf))
	}
	rows := [][]string{{"AT ONCE", "USED", "OF"}}
	for _, u := range uses {
		used := "each session"
		if u.Used != nil {
			used = strconv.FormatInt(*u.Used, 10)
		}
		rows = append(rows, []string{string(u.Name), used, strconv.FormatInt(u.Limit, 10)})
	}
	return in.printRows(rows)
}

type recountedJSON struct {
	Name quota.Name `json:"name"`
	Was  int64      `json:"was"`
	Is   int64      `json:"is"`
}

// recount counts a workspace's quotas anew and shows what they said and say.
// What others do meanwhile is in the second number, too.
func recount(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	before, err := in.dir.Counted(ctx, workspace)
	if err != nil {
		return err
	}
	for _, do := range append(slices.Clone(in.desk.Recounts), in.dir.RecountKeys) {
		if err := do(ctx, workspace); err != nil {
			return err
		}
	}
	after, err := in.dir.Counted(ctx, workspace)
	if err != nil {
		return err
	}
	var all []recountedJSON
	for i, was := range before {
		if was.Used != nil {
			all = append(all, recountedJSON{was.Name, *was.Used, *after[i].Used})
		}
	}
	if in.json {
		return in.printJSON(all)
	}
	rows := [][]string{{"AT ONCE", "WAS", "IS"}}
	for _, r := range all {
		rows = append(rows, []string{string(r.Name), strconv.FormatInt(r.Was, 10), strconv.FormatInt(r.Is, 10)})
	}
	return in.printRows(rows)
}
