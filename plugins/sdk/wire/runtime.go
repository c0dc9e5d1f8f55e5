package wire

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/assay-dev/assay/plugins/sdk/language"
	runtimev1 "github.com/assay-dev/assay/plugins/sdk/proto/runtime/v1"
)

// ServeRuntime is a language as a plugin offers it, by version.
func ServeRuntime(l language.Language) map[int]plugin.PluginSet {
	return set(Runtime, &Plugin{Serve: func(s grpc.ServiceRegistrar) {
		runtimev1.RegisterRuntimeServer(s, &runtimeServer{language: l})
	}})
}

type runtimeServer struct {
	runtimev1.UnimplementedRuntimeServer
	language language.Language
}

func (s *runtimeServer) Describe(context.Context, *runtimev1.DescribeRequest) (*runtimev1.DescribeResponse, error) {
	i := s.language.Info()
	out := &runtimev1.DescribeResponse{
		Name: valid(i.Name), Extension: valid(i.Extension), Licence: valid(i.Licence), Deterministic: i.Deterministic,
	}
	for _, a := range i.Aliases {
		out.Aliases = append(out.Aliases, valid(a))
	}
	for _, e := range i.Examples {
		out.Examples = append(out.Examples, &runtimev1.Example{Shows: valid(string(e.Shows)), Text: valid(e.Text)})
	}
	return out, nil
}

func (s *runtimeServer) Detect(ctx context.Context, _ *runtimev1.DetectRequest) (*runtimev1.DetectResponse, error) {
	d, err := s.language.Detect(ctx)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return &runtimev1.DetectResponse{Version: valid(d.Version), Missing: valid(d.Missing), Install: valid(d.Install)}, nil
}

func (s *runtimeServer) Prepare(ctx context.Context, _ *runtimev1.PrepareRequest) (*runtimev1.PrepareResponse, error) {
	t, err := s.language.Prepare(ctx)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return &runtimev1.PrepareResponse{Id: valid(t.ID), About: valid(t.About)}, nil
}

func (s *runtimeServer) Wrap(ctx context.Context, r *runtimev1.WrapRequest) (*runtimev1.WrapResponse, error) {
	p := language.Problem{Name: r.Name, Prompt: r.Prompt, Tests: r.Tests, EntryPoint: r.EntryPoint}
	source, err := s.language.Wrap(ctx, p, r.Completion)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return &runtimev1.WrapResponse{Source: toSource(source)}, nil
}

func (s *runtimeServer) Compile(ctx context.Context, r *runtimev1.CompileRequest) (*runtimev1.CompileResponse, error) {
	var sources []language.Source
	for _, source := range r.Sources {
		sources = append(sources, fromSource(source))
	}
	programs, err := s.language.Compile(ctx, sources)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return toPrograms(programs), nil
}

func (s *runtimeServer) Classify(ctx context.Context, r *runtimev1.ClassifyRequest) (*runtimev1.ClassifyResponse, error) {
	f, err := s.language.Classify(ctx, language.End{Trapped: r.Trapped, ExitCode: r.ExitCode, Trap: r.Trap, Stdout: r.Stdout, Stderr: r.Stderr})
	if err != nil {
		return nil, failed(ctx, err)
	}
	return toFinding(f), nil
}

func newRuntimeClient(c grpc.ClientConnInterface) *RuntimeClient {
	return &RuntimeClient{runtimev1.NewRuntimeClient(c)}
}

// RuntimeClient asks a language on the other side.
type RuntimeClient struct {
	rpc runtimev1.RuntimeClient
}

// Identity asks for the language's name.
func (c *RuntimeClient) Identity(ctx context.Context) (string, error) {
	i, err := c.Info(ctx)
	return i.Name, err
}

// Bounds of what a language says of itself.
const (
	maxWord     = 200 // bytes of a name and the like
	maxExamples = 100
)

// Forms of what a language says of itself.
var (
	nameForm      = regexp.MustCompile(`^[a-z0-9][a-z0-9+#_-]{0,63}$`)
	extensionForm = regexp.MustCompile(`^(\.[A-Za-z0-9+#_-]{1,32})?$`)
)

// Info asks what the language is.
func (c *RuntimeClient) Info(ctx context.Context) (language.Info, error) {
	out, err := c.rpc.Describe(ctx, &runtimev1.DescribeRequest{})
	if err != nil {
		return language.Info{}, err
	}
	i := language.Info{Name: out.Name, Aliases: out.Aliases, Extension: out.Extension, Licence: out.Licence, Deterministic: out.Deterministic}
	for _, name := range append([]string{i.Name}, i.Aliases...) {
		if !nameForm.MatchString(name) {
			return i, fmt.Errorf("it calls its language %.80q; a name has letters a to z, digits, +, #, - and _", name)
		}
	}
	switch {
	case !extensionForm.MatchString(i.Extension):
		return i, fmt.Errorf("it says that files of its language end with %.80q, and not as in .c", i.Extension)
	case len(i.Licence) > maxWord:
		return i, fmt.Errorf("its licence has %d bytes; SPDX's names have fewer than %d", len(i.Licence), maxWord)
	case len(out.Examples) > maxExamples:
		return i, fmt.Errorf("it has %d examples; %d are enough", len(out.Examples), maxExamples)
	}
	for _, e := range out.Examples {
		i.Examples = append(i.Examples, language.Example{Shows: language.Shows(e.GetShows()), Text: e.GetText()})
	}
	return i, nil
}

// Detect asks for the toolchain.
func (c *RuntimeClient) Detect(ctx context.Context) (language.Detection, error) {
	out, err := c.rpc.Detect(ctx, &runtimev1.DetectRequest{})
	return language.Detection{Version: out.GetVersion(), Missing: out.GetMissing(), Install: out.GetInstall()}, err
}

// Prepare has the toolchain made ready.
func (c *RuntimeClient) Prepare(ctx context.Context) (language.Toolchain, error) {
	out, err := c.rpc.Prepare(ctx, &runtimev1.PrepareRequest{})
	t := language.Toolchain{ID: out.GetId(), About: out.GetAbout()}
	if err == nil && (t.ID == "" || len(t.ID) > maxWord) {
		err = fmt.Errorf("its toolchain has the id %.80q, which is no hash", t.ID)
	}
	return t, err
}

// Wrap has a program made of a candidate.
func (c *RuntimeClient) Wrap(ctx context.Context, p language.Problem, completion string) (language.Source, error) {
	in := &runtimev1.WrapRequest{
		Name: valid(p.Name), Prompt: valid(p.Prompt), Tests: valid(p.Tests), EntryPoint: valid(p.EntryPoint), Completion: valid(completion),
	}
	if err := fits(in); err != nil {
		return language.Source{}, err
	}
	out, err := c.rpc.Wrap(ctx, in)
	if err == nil && out.GetSource() == nil {
		err = errors.New("it made no source")
	}
	return fromSource(out.GetSource()), err
}

// Compile has modules made of sources.
func (c *RuntimeClient) Compile(ctx context.Context, sources []language.Source) ([]language.Program, error) {
	in := &runtimev1.CompileRequest{}
	for _, s := range sources {
		in.Sources = append(in.Sources, toSource(s))
	}
	if err := fits(in); err != nil {
		return nil, err
	}
	out, err := c.rpc.Compile(ctx, in)
	if err != nil {
		return nil, err
	}
	return fromPrograms(out, len(sources))
}

// Classify asks what an end means.
func (c *RuntimeClient) Classify(ctx context.Context, e language.End) (language.Finding, error) {
	out, err := c.rpc.Classify(ctx, &runtimev1.ClassifyRequest{
		Trapped: e.Trapped, ExitCode: e.ExitCode, Trap: valid(e.Trap), Stdout: e.Stdout, Stderr: e.Stderr,
	})
	if err != nil {
		return language.Finding{}, err
	}
	return fromFinding(out), nil
}

func fits(m proto.Message) error {
	if size := proto.Size(m); size > MaxMessage {
		return fmt.Errorf("the sources have %d bytes, a plugin takes %d", size, MaxMessage)
	}
	return nil
}

// ends pairs what both sides call an end.
var ends = map[runtimev1.End]language.Kind{
	runtimev1.End_END_EXCEPTION:      language.Exception,
	runtimev1.End_END_SYNTAX_ERROR:   language.SyntaxError,
	runtimev1.End_END_STACK_OVERFLOW: language.StackOverflow,
	runtimev1.End_END_OUT_OF_MEMORY:  language.OutOfMemory,
}

func toSource(s language.Source) *runtimev1.Source {
	return &runtimev1.Source{Name: valid(s.Name), Text: s.Text}
}

func fromSource(s *runtimev1.Source) language.Source {
	return language.Source{Name: s.GetName(), Text: s.GetText()}
}

// toPrograms sends a module once that several programs share.
func toPrograms(programs []language.Program) *runtimev1.CompileResponse {
	out := &runtimev1.CompileResponse{}
	sent := make(map[[sha256.Size]byte]int32)
	for _, p := range programs {
		made := &runtimev1.Program{}
		for _, a := range p.Args {
			made.Args = append(made.Args, valid(a))
		}
		switch {
		case p.Limit != "":
			made.Made = &runtimev1.Program_Rejection{Rejection: toRejection([]language.Diagnostic{{Message: p.Limit}}, true)}
		case p.Module == nil:
			made.Made = &runtimev1.Program_Rejection{Rejection: toRejection(p.Diagnostics, false)}
		default:
			sum := sha256.Sum256(p.Module)
			at, there := sent[sum]
			if !there {
				at = int32(len(out.Modules))
				sent[sum] = at
				out.Modules = append(out.Modules, p.Module)
			}
			made.Made = &runtimev1.Program_Module{Module: at}
		}
		out.Programs = append(out.Programs, made)
	}
	return out
}

func toRejection(all []language.Diagnostic, limit bool) *runtimev1.Rejection {
	out := &runtimev1.Rejection{Limit: limit}
	for _, d := range all {
		out.Diagnostics = append(out.Diagnostics, &runtimev1.Diagnostic{Line: int32(d.Line), Column: int32(d.Column), Message: valid(d.Message)})
	}
	return out
}

// fromPrograms reads what a plugin wrote: a program for each source.
func fromPrograms(r *runtimev1.CompileResponse, sources int) ([]language.Program, error) {
	if n := len(r.GetPrograms()); n != sources {
		return nil, fmt.Errorf("it made %d programs of %d sources", n, sources)
	}
	out := make([]language.Program, sources)
	for i, p := range r.GetPrograms() {
		switch made := p.GetMade().(type) {
		case *runtimev1.Program_Module:
			if made.Module < 0 || int(made.Module) >= len(r.Modules) {
				return nil, fmt.Errorf("program %d has the module %d of %d", i, made.Module, len(r.Modules))
			}
			out[i] = language.Program{Module: r.Modules[made.Module], Args: p.GetArgs()}
			if out[i].Module == nil { // an empty one is a module all the same, for others to refuse
				out[i].Module = []byte{}
			}
		case *runtimev1.Program_Rejection:
			for _, d := range made.Rejection.GetDiagnostics() {
				out[i].Diagnostics = append(out[i].Diagnostics, language.Diagnostic{
					Line: count(int64(d.GetLine())), Column: count(int64(d.GetColumn())), Message: d.GetMessage(),
				})
			}
			if len(out[i].Diagnostics) == 0 {
				return nil, fmt.Errorf("it rejects program %d without a word", i)
			}
			if made.Rejection.GetLimit() {
				out[i] = language.Program{Limit: cmp.Or(out[i].Diagnostics[0].Message, "to compile it takes more than the compiler may take")}
			}
		default:
			return nil, fmt.Errorf("program %d has neither a module nor a rejection", i)
		}
	}
	return out, nil
}

func toFinding(f language.Finding) *runtimev1.ClassifyResponse {
	out := &runtimev1.ClassifyResponse{}
	for there, here := range ends {
		if here == f.Kind {
			out.End = there
		}
	}
	if x := f.Exception; x != nil {
		out.Type, out.Message, out.Line = valid(x.Type), valid(x.Message), int32(x.Line)
	}
	return out
}

// fromFinding takes an end that it does not know for none.
func fromFinding(r *runtimev1.ClassifyResponse) language.Finding {
	f := language.Finding{Kind: ends[r.GetEnd()]}
	if r.GetType() != "" || r.GetMessage() != "" {
		f.Exception = &language.Thrown{Type: r.GetType(), Message: r.GetMessage(), Line: count(int64(r.GetLine()))}
	}
	return f
}
