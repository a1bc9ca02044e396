export default async function finishServers() {
  const { finishServers: finish } = await import('./shared.ts');
  await finish();
}
