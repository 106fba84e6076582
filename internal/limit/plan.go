package limit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/audit"
	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

// Rates are what may be taken in a second, by class. A dimension of 0 is not
// said.
type Rates map[Class]Amount

// plan is what the operator has said of one workspace, over the defaults.
type plan struct {
	Workspace Rates            `json:"workspace,omitempty"`
	Keys      map[string]Rates `json:"keys,omitempty"` // by key id
}

// The part of a table's units that one workspace gets on AWS, and how it is
// divided among the classes: together they are no more.
const (
	portion = 0.25
	// unlimited is how many times that the embedded host gives, whose table has
	// no caps.
	unlimited = 10
)

var division = Rates{
	Standard: {200, 0.40, 0.30},
	Heavy:    {100, 0.35, 0.65},
	Search:   {50, 0.25, 0.05},
}

// Caps of DynamoDB's tables as infra/data.yaml has them where nobody says
// otherwise.
const (
	DefaultReadUnits  = 4000
	DefaultWriteUnits = 2000
)

// Share is what each workspace gets of tables that may consume so many units a
// second; a cap that is not above 0 is none.
func Share(reads, writes int64) Rates {
	if reads <= 0 {
		reads = DefaultReadUnits * unlimited
	}
	if writes <= 0 {
		writes = DefaultWriteUnits * unlimited
	}
	all := Rates{}
	for class, part := range division {
		all[class] = Amount{part[Requests], part[Reads] * portion * float64(reads), part[Writes] * portion * float64(writes)}
	}
	return all
}

// Embedded is what each workspace gets on the embedded host.
func Embedded() Rates {
	all := Share(0, 0)
	for class, rate := range all {
		rate[Requests] *= unlimited
		all[class] = rate
	}
	return all
}

// over returns base with what is said in r.
func (r Rates) over(base Rates) Rates {
	out := Rates{}
	for _, class := range Classes {
		out[class] = base[class]
		rate := out[class]
		for d, said := range r[class] {
			if said > 0 {
				rate[d] = said
			}
		}
		out[class] = rate
	}
	return out
}

// partition has the plan of a workspace and its shared buckets.
func partition(workspace string) string { return workspace + "#limit" }

func planRow(workspace string) table.Key {
	return table.Key{Table: table.Access, PK: partition(workspace), SK: "plan"}
}

const (
	planAttr = "plan"
	revision = "rev"
	// planAge is for how long a process goes by what it has read.
	planAge = 10 * time.Second
	// mostKeys bounds the row of a plan.
	mostKeys = 100
)

// PlanAge is after how long a change of [Limiter.Set] is in force everywhere.
const PlanAge = planAge

type known struct {
	plan
	until time.Time
}

// plan returns what is said of a workspace. A table that does not answer leaves
// what was known, or the defaults.
func (l *Limiter) plan(ctx context.Context, workspace string) plan {
	now := l.Now()
	l.mu.Lock()
	last, found := l.plans[workspace]
	l.mu.Unlock()
	if found && now.Before(last.until) && last.until.Sub(now) <= planAge {
		return last.plan
	}
	ctx, cancel := patiently(ctx)
	defer cancel()
	p, _, err := l.readPlan(ctx, workspace, table.Eventual)
	if err != nil {
		l.unknown(ctx, "the limits of a workspace could not be read", err)
		p = last.plan
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.plans == nil || len(l.plans) >= mostPlans {
		l.plans = map[string]known{}
	}
	l.plans[workspace] = known{p, now.Add(planAge)}
	return p
}

// mostPlans bounds what a process remembers.
const mostPlans = 10_000

func (l *Limiter) readPlan(ctx context.Context, workspace string, c table.Consistency) (p plan, rev int64, err error) {
	row, err := l.Table.Get(ctx, planRow(workspace), c)
	if errors.Is(err, table.ErrNotFound) {
		return plan{}, 0, nil
	}
	if err != nil {
		return plan{}, 0, err
	}
	if err := json.Unmarshal(row.Bytes(planAttr), &p); err != nil {
		return plan{}, 0, fmt.Errorf("decoding the plan: %w", err)
	}
	return p, row.Int(revision), nil
}

// Set says what a workspace, or with a key's id one of its keys, may take in a
// second. Dimensions that are 0 stay as they are; with no rates at all,
// the defaults hold again. It is in force everywhere after [PlanAge].
func (l *Limiter) Set(ctx context.Context, workspace, keyID string, rates Rates) error {
	if err := rates.check(); err != nil {
		return err
	}
	err := record.Change(ctx, planTries, func() error { return l.writePlan(ctx, workspace, keyID, rates) })
	l.mu.Lock()
	delete(l.plans, workspace)
	l.mu.Unlock()
	target := workspace
	if keyID != "" {
		target = keyID
	}
	audit.Record(ctx, audit.Event{
		Action: "limits.changed", Workspace: workspace, Actor: access.Operator, Target: target,
		Details: []slog.Attr{slog.Any("rates", rates)},
	}, err)
	if err != nil {
		return fmt.Errorf("writing the limits: %w", err)
	}
	return nil
}

func (r Rates) check() error {
	for class, rate := range r {
		for _, n := range rate {
			if !slices.Contains(Classes, class) || n != 0 && !(n >= 0.01 && n <= 1e9) {
				return errs.New(errs.FailedPrecondition, "a limit is a number from 0.01 to 1e9 a second, of one of the classes %v", Classes)
			}
		}
	}
	return nil
}

func (l *Limiter) writePlan(ctx context.Context, workspace, keyID string, rates Rates) error {
	p, rev, err := l.readPlan(ctx, workspace, table.Consistent)
	if err != nil {
		return err
	}
	if p = p.with(keyID, rates); len(p.Keys) > mostKeys {
		return errs.New(errs.FailedPrecondition, "a workspace has limits of its own for %d keys at most", mostKeys)
	}
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	stands := table.Missing(revision)
	if rev > 0 {
		stands = table.Equal(revision, rev)
	}
	_, err = l.Table.Write(ctx, table.Put(planRow(workspace), table.Attrs{planAttr: data, revision: rev + 1}, stands))
	if table.Failed(err) != nil {
		return record.ErrStale
	}
	return err
}

// with returns the plan with rates said, or forgotten.
func (p plan) with(keyID string, rates Rates) plan {
	switch {
	case keyID == "" && len(rates) == 0:
		p.Workspace = nil
	case keyID == "":
		p.Workspace = rates.over(p.Workspace)
	case len(rates) == 0:
		delete(p.Keys, keyID)
	default:
		if p.Keys == nil {
			p.Keys = map[string]Rates{}
		}
		p.Keys[keyID] = rates.over(p.Keys[keyID])
	}
	return p
}

const planTries = 8
