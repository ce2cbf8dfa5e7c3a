import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { z } from 'zod';
import { configSchema } from '../config.ts';

interface JsonSchema {
  description?: string;
  readonly properties?: Record<string, JsonSchema>;
}

/** The configuration file's schema as JSON Schema: what is checked comes from configSchema, what each field is for from the comments there. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema & { $schema: string };
  const comments = commentsOfFields();
  const describe = ({ properties = {} }: JsonSchema, prefix: string): void => {
    for (const [name, field] of Object.entries(properties)) {
      const comment = comments.get(prefix + name);
      if (comment !== undefined) field.description = comment;
      describe(field, `${prefix}${name}.`);
    }
  };
  describe(schema, '');
  const own = { description: 'The schema of this file, for editors; the server passes over it.', type: 'string' };
  return {
    $schema,
    title: 'Configuration of onefold-server',
    ...schema,
    properties: { $schema: own, ...schema.properties },
  };
}

/** What stands before each field of configSchema, by its path with dots. */
function commentsOfFields(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('../config.ts', import.meta.url), 'utf8');
  const file = ts.createSourceFile('config.ts', text, ts.ScriptTarget.Latest, true);
  const found = new Map<string, string>();
  const visit = (node: ts.Node, prefix: string): void => {
    if (!ts.isPropertyAssignment(node)) {
      node.forEachChild((child) => visit(child, prefix));
      return;
    }
    const path = prefix + node.name.getText();
    const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment;
    if (comment !== undefined) found.set(path, ts.getTextOfJSDocComment(comment) ?? '');
    visit(node.initializer, `${path}.`);
  };
  for (const statement of file.statements)
    if (ts.isVariableStatement(statement))
      for (const { name, initializer } of statement.declarationList.declarations)
        if (name.getText() === 'configSchema' && initializer !== undefined) visit(initializer, '');
  return found;
}
