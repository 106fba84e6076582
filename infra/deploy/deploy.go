package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"griot/infra/deploy/smoke"
	"griot/internal/audit"
	"griot/internal/queue"
	"griot/internal/setup/auditlog"
)

// deployment is one of an environment into an account.
type deployment struct {
	settings settings
	account  account
	sam      string // the command
	yes      bool
	out      io.Writer
}

func enter(ctx context.Context, s settings, out io.Writer) (*deployment, error) {
	a, err := signIn(ctx, s.region, s.profile)
	return &deployment{settings: s, account: a, out: out}, err
}

func queueNames() (names []string) {
	for _, name := range queue.Names {
		names = append(names, string(name), string(name)+"-dead")
	}
	return names
}

// tools looks for what builds and deploys.
func (d *deployment) tools(ctx context.Context) (string, error) {
	var missing []string
	for _, tool := range []string{"go", "make", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("install %s", strings.Join(missing, ", "))
	}
	var err error
	if d.sam, err = findSAM(); err != nil {
		return "", err
	}
	said, err := exec.CommandContext(ctx, d.sam, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", d.sam, err)
	}
	return d.sam, judgeSAM(string(said))
}

// The oldest minor version of SAM CLI 1 that reads parameters from a file.
const oldestSAM = 152

// judgeSAM has what sam says of itself: "SAM CLI, version 1.170.0".
func judgeSAM(said string) error {
	var major, minor int
	if _, err := fmt.Sscanf(said, "SAM CLI, version %d.%d", &major, &minor); err != nil {
		return fmt.Errorf("sam says no version, but %q", said)
	}
	if major == 1 && minor < oldestSAM {
		return fmt.Errorf("the SAM CLI is %d.%d, and 1.%d is needed: infra/sam/sam install puts the tested version beside it, which goes before it", major, minor, oldestSAM)
	}
	return nil
}

// findSAM prefers the version that is tested.
func findSAM() (string, error) {
	cache, _ := os.UserCacheDir() // "" is looked for in vain
	home := cmp.Or(os.Getenv("GRIOT_ENGINES"), filepath.Join(cache, "griot-engines"))
	for _, place := range []string{filepath.Join(home, "sam", "bin", "sam"), "sam"} {
		if path, err := exec.LookPath(place); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no SAM CLI: infra/sam/sam install puts the tested version into " + home)
}

// deploy changes the account. What fails leaves what stood, and can be repeated.
func (d *deployment) deploy(ctx context.Context, url string) error {
	begun := time.Now()
	step := func(text string) {
		fmt.Fprintf(d.out, "\n== %s (after %v)\n", text, time.Since(begun).Round(time.Second))
	}
	step("building the functions")
	if err := d.build(ctx); err != nil {
		return err
	}
	step("what is kept: " + d.settings.dataStack())
	if err := d.deployData(ctx); err != nil {
		return err
	}
	step("the functions: " + d.settings.stack)
	if err := d.deployFunctions(ctx); err != nil {
		return err
	}
	step("protection of the tables")
	if err := d.protect(ctx); err != nil {
		return err
	}
	step("smoke test")
	return d.ask(ctx, url, d.settings.given[version])
}

func (d *deployment) build(ctx context.Context) error {
	architecture := d.settings.values(d.settings.functions)["Architecture"]
	return d.run(ctx, "build", "--no-cached", "--parallel", "--parameter-overrides", "Architecture="+architecture)
}

// deployData makes or updates what is kept. Tables of a stack that does not
// stand yet are not protected, or a create that fails could not be taken back.
func (d *deployment) deployData(ctx context.Context) error {
	name, values := d.settings.dataStack(), d.settings.values(d.settings.data)
	s, err := d.account.find(ctx, name)
	if err != nil {
		return err
	}
	if s != nil && neverStood(s.StackStatus) {
		if err := d.account.clear(ctx, name); err != nil {
			return err
		}
		s = nil
	}
	if s == nil {
		values[protect] = "false"
	}
	return d.applyData(ctx, values)
}

func (d *deployment) deployFunctions(ctx context.Context) error {
	s, err := d.account.find(ctx, d.settings.stack)
	if err != nil {
		return err
	}
	if s != nil && neverStood(s.StackStatus) {
		if err := d.account.clear(ctx, d.settings.stack); err != nil {
			return err
		}
	}
	confirm := "--no-confirm-changeset"
	if d.settings.confirm && !d.yes {
		confirm = "--confirm-changeset"
	}
	return d.apply(ctx, d.settings.stack, d.settings.values(d.settings.functions), "--config-env", d.settings.env, confirm)
}

// protect sets whether tables refuse to be deleted, now that they are there.
func (d *deployment) protect(ctx context.Context) error {
	values := d.settings.values(d.settings.data)
	s, err := d.account.find(ctx, d.settings.dataStack())
	if err != nil {
		return err
	}
	if parametersOf(s)[protect] == values[protect] {
		fmt.Fprintf(d.out, "stays as it is: %s=%s\n", protect, values[protect])
		return nil
	}
	return d.applyData(ctx, values)
}

// applyData names samconfig.toml, since sam looks for one beside the template:
// tags, a role or a bucket for templates are for both stacks.
func (d *deployment) applyData(ctx context.Context, values map[string]string) error {
	root := d.settings.root
	return d.apply(ctx, d.settings.dataStack(), values, "--template-file", filepath.Join(root, dataFile),
		"--config-file", filepath.Join(root, "samconfig.toml"), "--config-env", d.settings.env, "--no-confirm-changeset")
}

// apply deploys a template with all of these parameters. They go by a file
// that only we can read: there are secrets among them.
func (d *deployment) apply(ctx context.Context, name string, values map[string]string, args ...string) error {
	text, err := json.Marshal(values) // which is YAML, too
	if err != nil {
		return err
	}
	file, err := os.CreateTemp("", "griot-parameters-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(text); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	err = d.run(ctx, slices.Concat([]string{
		"deploy", "--stack-name", name, "--region", d.settings.region, "--no-fail-on-empty-changeset", "--parameter-overrides", "file://" + file.Name(),
	}, args)...)
	if err != nil {
		return fmt.Errorf("%w\nWhat has failed is in the events above; when it is mended, deploy again", err)
	}
	return nil
}

// run runs sam in the repository's root. An interrupt lets it end by itself.
func (d *deployment) run(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, d.sam, args...)
	cmd.Dir = d.settings.root
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, d.out, d.out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("sam %s: %w", args[0], err)
	}
	return nil
}

// ask runs the smoke test on what stands there; want is the version it should
// be, "" for any.
func (d *deployment) ask(ctx context.Context, url, want string) error {
	s, err := d.account.find(ctx, d.settings.stack)
	if err != nil {
		return err
	}
	if s == nil {
		return fmt.Errorf("there is no stack %s in %s", d.settings.stack, d.settings.region)
	}
	base := strings.TrimSuffix(cmp.Or(url, output(s, "Url")), "/")
	if base == "" {
		return fmt.Errorf("the stack %s has no output Url; name the address with -url", d.settings.stack)
	}
	c, err := d.account.stackConfig(ctx, d.settings.stack)
	if err != nil {
		return err
	}
	log := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	slog.SetDefault(slog.New(audit.Keep(log, auditlog.Writer(c, d.settings.stack))))
	target, err := smoke.Stack(c, d.settings.place(d.account.id).Bucket(), base, want)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out, base)
	return smoke.Run(ctx, target, d.out)
}

// with are these settings with other parameters.
func (s settings) with(more map[string]string) settings {
	s.given = maps.Clone(s.given)
	maps.Copy(s.given, more)
	return s
}
