import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { VARIABLES } from '../../../src/config/variables.js';
import { readCompose } from '../../support/compose.js';
import { pathOf } from '../../support/programs.js';

const run = promisify(execFile);
const folder = 'docker/prometheus';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface RuleFile {
  groups: { name: string; rules: Rule[] }[];
}

const readRules = () => parse(readFileSync(join(folder, 'rules.yml'), 'utf8')) as RuleFile;
const alerts = readRules().groups.flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined));

describe('docker/prometheus', () => {
  let promtool: string;
  beforeAll(async () => {
    promtool = await pathOf('promtool');
  });

  it('has a configuration that Prometheus accepts, with the rules it names', async () => {
    const { stdout } = await run(promtool, ['check', 'config', join(folder, 'prometheus.yml')]);
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });

  it('scrapes every instance of the Compose file on its metrics port', () => {
    const config = parse(readFileSync(join(folder, 'prometheus.yml'), 'utf8')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const job = config.scrape_configs.find(({ job_name: name }) => name === 'starkpulse');
    const instances = Object.entries(readCompose().services).filter(([, { image }]) => image === 'starkpulse-caching');
    expect(job?.static_configs.flatMap(({ targets }) => targets)).toEqual(
      instances.map(([name]) => `${name}:${VARIABLES.CACHING_PROMETHEUS_PORT.default}`),
    );
  });

  it.each(alerts.map((rule) => [rule.alert, rule] as const))('%s waits, has a severity, and says what to do', (_, rule) => {
    expect(rule.for).toMatch(/^\d+m$/);
    expect(['warning', 'critical']).toContain(rule.labels?.['severity']);
    expect(rule.annotations?.['summary']).toBeTruthy();
    expect(rule.annotations?.['description']?.length).toBeGreaterThan(100);
  });

  it('has rules that fire when they should and keep quiet when they should not', async () => {
    const { stdout, stderr } = await run(promtool, ['test', 'rules', join(folder, 'rules.test.yml')]);
    expect(stdout + stderr).toContain('SUCCESS');
  });

  it('has a test of every alert that fails when the alert cannot fire', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'rules-'));
    try {
      const rules = readRules();
      for (const rule of rules.groups.flatMap((group) => group.rules)) {
        if (rule.alert !== undefined) rule.expr = 'vector(1) > 2';
      }
      writeFileSync(join(scratch, 'rules.yml'), stringify(rules));
      cpSync(join(folder, 'rules.test.yml'), join(scratch, 'rules.test.yml'));
      const failed = (await run(promtool, ['test', 'rules', join(scratch, 'rules.test.yml')]).then(
        () => ({ stdout: '', stderr: '' }),
        (error: unknown) => error,
      )) as { stdout: string; stderr: string };
      // promtool names only the expectations that were not met.
      const output = failed.stdout + failed.stderr;
      expect(alerts.filter(({ alert }) => !output.includes(alert ?? '')).map(({ alert }) => alert)).toEqual([]);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});
