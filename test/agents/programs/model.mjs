// A model server without a model, on loopback only, for clients of three protocols: Messages, Chat Completions and
// generateContent. What it does stands in the prompt: {write FILE} calls the tool for writing files, {shell COMMAND}
// the one for commands, in that order, then it says DONE; {status N} answers with that status, {cut} breaks off in the
// middle of the answer, {hang} does not answer, {say TEXT} are the final words.
// usage: node model.mjs PORTFILE DIR   (DIR: where files are to be written)
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [portFile, dir] = process.argv.slice(2);
const STEP = /\{(write|shell|status|cut|hang|say) ?([^}]*)\}/g;

function stepsIn(text) {
  const seen = new Map();
  for (const [whole, kind, value] of text.matchAll(STEP)) seen.set(whole, { kind, value });
  return [...seen.values()];
}

function toolFor({ kind, value }, tools) {
  const find = (pattern) => tools.find((tool) => pattern.test(tool.name));
  if (kind === 'write') {
    const tool = find(/^(?:Write|write_file)$/);
    return { name: tool?.name ?? 'Write', input: { file_path: join(dir, value), content: 'made by a tool\n' } };
  }
  const tool = find(/^(?:Bash|run_shell_command)$/);
  const input = { command: value, description: 'a step' };
  if (tool?.fields.includes('is_background')) input.is_background = false;
  return { name: tool?.name ?? (tools.some((one) => one.name === 'write_file') ? 'run_shell_command' : 'Bash'), input };
}

/** What to answer to a conversation. */
function answerTo(text, results, tools) {
  const steps = stepsIn(text);
  const special = steps.find((step) => ['status', 'cut', 'hang'].includes(step.kind));
  const acts = steps.filter((step) => step.kind === 'write' || step.kind === 'shell');
  if (tools.length > 0 && results < acts.length) return { kind: 'tool', ...toolFor(acts[results], tools) };
  if (special !== undefined) return special;
  return { kind: 'text', text: steps.find((step) => step.kind === 'say')?.value ?? 'DONE' };
}

const flat = (content) =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');

const protocols = [
  {
    path: /\/messages$/,
    ask(body) {
      const tools = (body.tools ?? []).map((tool) => ({
        name: tool.name,
        fields: Object.keys(tool.input_schema?.properties ?? {}),
      }));
      const turns = (body.messages ?? []).filter((turn) => turn.role === 'user');
      const parts = turns.flatMap((turn) =>
        typeof turn.content === 'string' ? [{ text: turn.content }] : turn.content,
      );
      return {
        tools,
        results: parts.filter((part) => part.type === 'tool_result').length,
        text: parts.map((part) => part.text ?? '').join('\n'),
      };
    },
    error: (status) => ({
      type: 'error',
      error: {
        type:
          { 401: 'authentication_error', 429: 'rate_limit_error', 529: 'overloaded_error' }[status] ??
          (status === 400 ? 'invalid_request_error' : 'api_error'),
        message: status === 400 ? 'prompt is too long: 250000 tokens > 200000 maximum' : 'refused by the fake model',
      },
    }),
    answer(body, given, send) {
      const block =
        given.kind === 'tool'
          ? { type: 'tool_use', id: `toolu_${Date.now()}`, name: given.name, input: {} }
          : { type: 'text', text: '' };
      const usage = {
        input_tokens: 100,
        cache_read_input_tokens: 20,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      };
      const message = { id: 'msg_1', type: 'message', role: 'assistant', model: body.model, content: [], usage };
      const stop = given.kind === 'tool' ? 'tool_use' : 'end_turn';
      const delta =
        given.kind === 'tool'
          ? { type: 'input_json_delta', partial_json: JSON.stringify(given.input) }
          : { type: 'text_delta', text: given.text ?? 'half of an' };
      if (!body.stream) return { ...message, content: [{ ...block, text: given.text }], stop_reason: stop };
      send({ type: 'message_start', message }, 'message_start');
      send({ type: 'content_block_start', index: 0, content_block: block }, 'content_block_start');
      send({ type: 'content_block_delta', index: 0, delta }, 'content_block_delta');
      if (given.kind === 'cut') return null;
      send({ type: 'content_block_stop', index: 0 }, 'content_block_stop');
      send({ type: 'message_delta', delta: { stop_reason: stop }, usage: { output_tokens: 10 } }, 'message_delta');
      send({ type: 'message_stop' }, 'message_stop');
      return null;
    },
  },
  {
    path: /\/chat\/completions$/,
    ask(body) {
      const messages = body.messages ?? [];
      return {
        tools: (body.tools ?? []).map((tool) => ({
          name: tool.function.name,
          fields: Object.keys(tool.function.parameters?.properties ?? {}),
        })),
        results: messages.filter((message) => message.role === 'tool').length,
        text: messages
          .filter((message) => message.role === 'user')
          .map((message) => flat(message.content))
          .join('\n'),
      };
    },
    error: (status) => ({ error: { message: 'refused by the fake model', type: 'fake', code: String(status) } }),
    answer(body, given, send) {
      const base = { id: 'chat_1', created: 1, model: body.model, object: 'chat.completion.chunk' };
      const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
      const calls =
        given.kind === 'tool'
          ? [
              {
                index: 0,
                id: `call_${Date.now()}`,
                type: 'function',
                function: { name: given.name, arguments: JSON.stringify(given.input) },
              },
            ]
          : undefined;
      const content = given.kind === 'tool' ? null : (given.text ?? 'half of an');
      const reason = given.kind === 'tool' ? 'tool_calls' : 'stop';
      if (!body.stream) {
        const message = { role: 'assistant', content, tool_calls: calls };
        return { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: reason }], usage };
      }
      send({ ...base, choices: [{ index: 0, delta: { role: 'assistant', content, tool_calls: calls } }] });
      if (given.kind === 'cut') return null;
      send({ ...base, choices: [{ index: 0, delta: {}, finish_reason: reason }] });
      send({ ...base, choices: [], usage });
      send('[DONE]');
      return null;
    },
  },
  {
    path: /:(?:streamGenerateContent|generateContent)$/,
    ask(body) {
      const parts = (body.contents ?? []).flatMap((turn) =>
        (turn.parts ?? []).map((part) => ({ ...part, by: turn.role })),
      );
      return {
        tools: (body.tools ?? [])
          .flatMap((tool) => tool.functionDeclarations ?? [])
          .map((tool) => ({
            name: tool.name,
            fields: Object.keys((tool.parametersJsonSchema ?? tool.parameters)?.properties ?? {}),
          })),
        results: parts.filter((part) => part.functionResponse !== undefined).length,
        text: parts
          .filter((part) => part.by === 'user')
          .map((part) => part.text ?? '')
          .join('\n'),
      };
    },
    error: (status) => ({ error: { code: status, message: 'refused by the fake model', status: 'FAKE' } }),
    answer(body, given, send, isStream) {
      const schema = body.generationConfig?.responseJsonSchema ?? body.generationConfig?.responseSchema;
      const filled = Object.entries(schema?.properties ?? {}).map(([key, one]) => [
        key,
        one.enum?.[0] ?? (/number|integer/i.test(one.type) ? 1 : 'yes'),
      ]);
      const text = schema === undefined ? (given.text ?? 'half of an') : JSON.stringify(Object.fromEntries(filled));
      const part = given.kind === 'tool' ? { functionCall: { name: given.name, args: given.input } } : { text };
      const answer = {
        candidates: [
          {
            content: { role: 'model', parts: [part] },
            index: 0,
            ...(given.kind === 'cut' ? {} : { finishReason: 'STOP' }),
          },
        ],
        usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 },
      };
      if (!isStream) return answer;
      send(answer);
      return null;
    },
  },
];

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const path = (request.url ?? '').split('?')[0];
    const protocol = protocols.find((one) => one.path.test(path));
    const reply = (status, value) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (/count_?tokens$/i.test(path)) return reply(200, { input_tokens: 100, totalTokens: 100 });
    if (protocol === undefined) return reply(404, { error: { message: 'not here' } });
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    const { text, results, tools } = protocol.ask(body);
    const given = answerTo(text, results, tools);
    if (given.kind === 'status') return reply(Number(given.value), protocol.error(Number(given.value)));
    if (given.kind === 'hang') return undefined;
    const isStream = body.stream === true || path.endsWith(':streamGenerateContent');
    if (isStream) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (event, name) =>
      response.write(
        `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`,
      );
    const whole = protocol.answer(body, given, send, isStream);
    if (whole !== null) return reply(200, whole);
    // What was sent has to leave before the line is cut.
    if (given.kind === 'cut') return void setTimeout(() => response.destroy(), 100);
    return response.end();
  });
});
server.listen(0, '127.0.0.1', () => writeFileSync(portFile, `${server.address().port}\n`));
