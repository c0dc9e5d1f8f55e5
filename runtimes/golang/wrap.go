package golang

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"github.com/assay-dev/assay/plugins/sdk/language"
)

// Wrap puts the tests after what was completed. Tests as go test has them, in a
// package of any name and with functions TestX(*testing.T), become a command
// that runs them, and ends with 1 where one fails. What does not parse stays as
// it is, for the compiler to say why.
func (*Golang) Wrap(_ context.Context, p language.Problem, completion string) (language.Source, error) {
	text := p.Prompt + completion + "\n" + p.Tests
	return language.Source{Name: "main.go", Text: []byte(command(text))}, nil
}

func command(text string) string {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, "main.go", text, 0)
	if err != nil {
		return text
	}
	testing := importName(f, "testing")
	var tests []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		switch {
		case !ok || fn.Recv != nil:
		case fn.Name.Name == "main":
			return text
		case testing != "" && isTest(fn, testing):
			tests = append(tests, fn.Name.Name)
		}
	}
	if len(tests) == 0 {
		return text
	}
	at := files.Position(f.Name.Pos()).Offset
	var b strings.Builder
	fmt.Fprintf(&b, "%smain%s\n\nfunc main() {\n\t%s.Main(func(string, string) (bool, error) { return true, nil }, []%[3]s.InternalTest{\n", text[:at], text[at+len(f.Name.Name):], testing)
	for _, name := range tests {
		fmt.Fprintf(&b, "\t\t{Name: %q, F: %s},\n", name, name)
	}
	b.WriteString("\t}, nil, nil)\n}\n")
	return b.String()
}

// importName is what a file calls a package that it imports; "" where it doesn't.
func importName(f *ast.File, path string) string {
	for _, i := range f.Imports {
		switch {
		case i.Path.Value != `"`+path+`"`:
		case i.Name == nil:
			return path
		case i.Name.Name != "_" && i.Name.Name != ".":
			return i.Name.Name
		}
	}
	return ""
}

// isTest says whether a function is TestX(t *testing.T).
func isTest(fn *ast.FuncDecl, testing string) bool {
	params := fn.Type.Params.List
	if !strings.HasPrefix(fn.Name.Name, "Test") || fn.Type.Results != nil || len(params) != 1 || len(params[0].Names) > 1 {
		return false
	}
	pointer, ok := params[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	t, ok := pointer.X.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := t.X.(*ast.Ident)
	return ok && of.Name == testing && t.Sel.Name == "T"
}
