package operator

import (
	"context"
	"flag"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/limit"
	"griot/internal/quota"
)

func limitFlags(fs *flag.FlagSet, in *invocation) {
	workspaceFlag(fs, in)
	fs.StringVar(&in.key, "key", "", "")
	fs.StringVar(&in.class, "class", "", "")
	fs.Float64Var(&in.rate[limit.Requests], "requests", 0, "")
	fs.Float64Var(&in.rate[limit.Reads], "reads", 0, "")
	fs.Float64Var(&in.rate[limit.Writes], "writes", 0, "")
	fs.BoolVar(&in.byDefault, "default", false, "")
	fs.Func("quota", "", in.addQuota)
}

// setLimit changes what is said, and shows what holds then.
func setLimit(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	in.key, _, _ = strings.Cut(in.key, ".")
	if err := in.knownKey(ctx, workspace); err != nil {
		return err
	}
	rates, err := in.rates()
	if err != nil {
		return err
	}
	if len(in.quotas) > 0 {
		if in.byDefault || len(rates) > 0 || in.key != "" {
			return usageError("workspaces limit: -quota is of a workspace, and goes with no other numbers")
		}
		return in.setQuotas(ctx, workspace)
	}
	limits, err := in.desk.Limits(ctx)
	if err != nil {
		return err
	}
	change := in.byDefault || len(rates) > 0
	if change {
		if err := limits.Set(ctx, workspace, in.key, rates); err != nil {
			return err
		}
	}
	all, err := limits.Usage(ctx, workspace)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(each(all, rateOf))
	}
	rows := [][]string{{"LIMIT OF", "REQUESTS/S", "READ UNITS/S", "WRITE UNITS/S"}}
	for _, s := range all {
		row := []string{s.Bucket}
		for _, n := range s.Rate {
			row = append(row, strconv.FormatFloat(n, 'f', -1, 64))
		}
		rows = append(rows, row)
	}
	if err := in.printRows(rows); err != nil {
		return err
	}
	if !change {
		return in.printQuotas(ctx, workspace)
	}
	_, err = fmt.Fprintf(in.out, "In force everywhere within %.0f seconds.\n", limit.PlanAge.Seconds())
	return err
}

// rates are what the flags say: of one class, or of all.
func (in *invocation) rates() (limit.Rates, error) {
	said := in.rate != limit.Amount{}
	switch class := limit.Class(in.class); {
	case said && in.byDefault:
		return nil, usageError("workspaces limit: -default takes back what was set; it goes with no numbers")
	case in.class != "" && !slices.Contains(limit.Classes, class):
		return nil, usageError("workspaces limit: -class is one of %v", limit.Classes)
	case in.class != "" && !said:
		return nil, usageError("workspaces limit: -class goes with -requests, -reads or -writes")
	case in.class != "":
		return limit.Rates{class: in.rate}, nil
	case !said:
		return nil, nil
	}
	all := limit.Rates{}
	for _, class := range limit.Classes {
		all[class] = in.rate
	}
	return all, nil
}

func (in *invocation) knownKey(ctx context.Context, workspace string) error {
	if in.key == "" {
		return nil
	}
	keys, err := in.dir.ListKeys(ctx, workspace)
	if err == nil && !slices.ContainsFunc(keys, func(k access.Key) bool { return k.ID == in.key }) {
		return usageError("workspaces limit: the workspace has no key %s; keys list shows them", in.key)
	}
	return err
}

// showUsage shows what is used now of what a bucket holds.
func showUsage(ctx context.Context, in *invocation) error {
	workspace, err := in.oneWorkspace(ctx)
	if err != nil {
		return err
	}
	limits, err := in.desk.Limits(ctx)
	if err != nil {
		return err
	}
	all, err := limits.Usage(ctx, workspace)
	if err != nil {
		return err
	}
	if in.json {
		return in.printJSON(each(all, usageOf))
	}
	rows := [][]string{{"USED NOW OF", "REQUESTS", "READ UNITS", "WRITE UNITS", "NOTHING USED BY"}}
	for _, s := range all {
		row := []string{s.Bucket}
		for d := range s.Limit {
			row = append(row, fmt.Sprintf("%.0f of %.0f", math.Ceil(s.Limit[d]-s.Remaining[d]), s.Limit[d]))
		}
		rows = append(rows, append(row, s.Full.UTC().Format(time.RFC3339)))
	}
	if err := in.printRows(rows); err != nil {
		return err
	}
	return in.printQuotas(ctx, workspace)
}

type amountJSON struct {
	Requests   float64 `json:"requests"`
	ReadUnits  float64 `json:"read_units"`
	WriteUnits float64 `json:"write_units"`
}

func amountOf(a limit.Amount) amountJSON {
	return amountJSON{a[limit.Requests], a[limit.Reads], a[limit.Writes]}
}

type rateJSON struct {
	Bucket    string     `json:"bucket"`
	PerSecond amountJSON `json:"per_second"`
}

func rateOf(s limit.State) rateJSON { return rateJSON{s.Bucket, amountOf(s.Rate)} }

type usageJSON struct {
	rateJSON
	Limit     amountJSON `json:"limit"`
	Remaining amountJSON `json:"remaining"`
	ResetAt   *time.Time `json:"reset_at"`
}

func usageOf(s limit.State) usageJSON {
	return usageJSON{rateOf(s), amountOf(s.Limit), amountOf(s.Remaining), orNull(s.Full)}
}

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
