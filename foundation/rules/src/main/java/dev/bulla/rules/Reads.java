package dev.bulla.rules;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelIdent;
import dev.cel.common.ast.CelExpr.CelSelect;
import dev.cel.common.ast.CelExprVisitor;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the variables that an expression reads, and their members ({@code vulns}, {@code
 * vulns.present}). A loop variable that hides a fact is refused: a reader could not tell what the
 * rule looks at.
 */
final class Reads extends CelExprVisitor {
  private final Set<String> variables;
  private final Set<String> found = new TreeSet<>();

  private Reads(Set<String> variables) {
    this.variables = variables;
  }

  static Set<String> of(CelAbstractSyntaxTree ast, Environment environment) {
    Reads reads = new Reads(environment.variables().keySet());
    reads.visit(ast);
    return reads.found;
  }

  @Override
  protected void visit(CelExpr expression, CelIdent identifier) {
    if (variables.contains(identifier.name())) {
      found.add(identifier.name());
    }
  }

  @Override
  protected void visit(CelExpr expression, CelSelect select) {
    CelExpr operand = select.operand();
    if (operand.getKind() == CelExpr.ExprKind.Kind.IDENT
        && variables.contains(operand.ident().name())) {
      found.add(operand.ident().name() + "." + select.field());
    }
    super.visit(expression, select);
  }

  @Override
  protected void visit(CelExpr expression, CelComprehension loop) {
    for (String name : List.of(loop.iterVar(), loop.iterVar2())) {
      if (variables.contains(name)) {
        throw new BullaException(
            ErrorCode.POLICY_INVALID,
            "the loop variable '%s' hides the fact of the same name".formatted(name),
            "Give the loop variable another name.");
      }
    }
    super.visit(expression, loop);
  }
}
