import type { devices as english } from '../en/devices.ts';
import type { Worded } from '../worded.ts';

export const devices: Worded<typeof english> = {
  devices: {
    title: '기기',
    here: '이 기기',
    inStep: '최신 상태',
    inStepAgo: '{{ago}} 최신 상태',
    notInStep: '아직 최신 상태가 아님',
    online: '온라인',
    seenAgo: '{{ago}} 마지막 접속',
    never: '아직 맞춰지지 않음',
    sending: '변경을 보내는 중',
    sendingFile: '{{name}} 보내는 중',
    none: '아직 다른 기기가 없습니다. 다른 기기에서 같은 계정으로 로그인하면 두 기기에 같은 파일이 놓입니다.',
  },
};
