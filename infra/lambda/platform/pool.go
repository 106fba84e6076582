package platform

import (
	"fmt"
	"slices"
	"time"
)

// pool has the processes of one function. Its fields are guarded by the
// platform's mutex.
type pool struct {
	platform *Platform
	function Function
	all      map[*environment]bool
	idle     []*environment // the one that was used last is last
	busy     int
}

// answered is how long an invocation over the limit waits for another one
// that has been answered already and only has to be counted out.
const answered = 100 * time.Millisecond

// acquire takes the process that was used last, or starts one.
func (l *pool) acquire() (*environment, error) {
	timer := time.NewTimer(answered)
	defer timer.Stop()
	for {
		env, freed, err := l.tryAcquire()
		if freed == nil {
			return env, err
		}
		select {
		case <-freed:
		case <-timer.C:
			return nil, ErrThrottled
		}
	}
}

// tryAcquire returns, when the limit is reached, what is closed by the next
// invocation's end.
func (l *pool) tryAcquire() (env *environment, freed <-chan struct{}, err error) {
	p := l.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, ErrThrottled
	}
	if l.function.Reserved > 0 && l.busy >= l.function.Reserved || p.busy >= p.options.Concurrency {
		return nil, p.freed, nil
	}
	if env = l.takeIdle(); env == nil {
		if env, err = l.start(); err != nil {
			return nil, nil, err
		}
	}
	env.busy = true
	l.busy++
	p.busy++
	return env, nil, nil
}

func (l *pool) takeIdle() *environment {
	n := len(l.idle)
	if n == 0 {
		return nil
	}
	env := l.idle[n-1]
	l.idle = l.idle[:n-1]
	env.reaper.Stop()
	return env
}

func (l *pool) start() (*environment, error) {
	env, err := startEnvironment(l.function, l.platform)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", l.function.Name, err)
	}
	l.all[env] = true
	l.platform.ended.Go(func() {
		env.wait()
		l.remove(env)
	})
	return env, nil
}

func (l *pool) remove(env *environment) {
	l.platform.mu.Lock()
	defer l.platform.mu.Unlock()
	delete(l.all, env)
	l.idle = slices.DeleteFunc(l.idle, func(e *environment) bool { return e == env })
}

// release counts an invocation out, and keeps its process for the next one
// when it is fit for it.
func (l *pool) release(env *environment, fit bool) {
	p := l.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	env.busy = false
	l.busy--
	p.busy--
	close(p.freed)
	p.freed = make(chan struct{})
	if !fit || p.closed || !l.all[env] {
		env.kill()
		return
	}
	env.reaper = time.AfterFunc(p.options.Idle, func() { l.reap(env) })
	l.idle = append(l.idle, env)
}

// reap ends a process, unless an invocation has taken it meanwhile.
func (l *pool) reap(env *environment) {
	l.platform.mu.Lock()
	defer l.platform.mu.Unlock()
	if i := slices.Index(l.idle, env); i >= 0 {
		l.idle = slices.Delete(l.idle, i, i+1)
		env.kill()
	}
}

// run takes an invocation through a process.
func (l *pool) run(env *environment, inv *invocation) {
	err := env.ready()
	if err == nil {
		l.log(env, inv, "START")
		start := time.Now()
		err = env.perform(inv, l.function.Timeout)
		l.log(env, inv, "END %d ms %s", time.Since(start).Milliseconds(), errorText(err))
	}
	l.release(env, err == nil)
	inv.fail(err)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (l *pool) log(env *environment, inv *invocation, format string, args ...any) {
	if l.platform.options.Verbose {
		fmt.Fprintf(env.out, "%s process %d "+format+"\n", append([]any{inv.id, env.pid()}, args...)...)
	}
}
