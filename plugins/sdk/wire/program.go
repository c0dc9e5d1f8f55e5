package wire

import (
	"crypto/sha256"
	"fmt"

	"github.com/assay-dev/assay/plugins/sdk/language"
	runtimev1 "github.com/assay-dev/assay/plugins/sdk/proto/runtime/v1"
)

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
		if p.Module == nil {
			made.Made = &runtimev1.Program_Rejection{Rejection: toRejection(p.Diagnostics)}
		} else {
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

func toRejection(all []language.Diagnostic) *runtimev1.Rejection {
	out := &runtimev1.Rejection{}
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
