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
    detail: '여기 있는 모든 기기는 파일의 키를 가지고 있습니다.',
    link: '기기 연결',
    name: '이름',
    nameHint: '다른 내 기기에도 보입니다. 서버는 알지 못합니다.',
    rename: '이름 바꾸기',
    renameOne: '{{name}} 이름 바꾸기',
    renameTitle: '{{name}} 이름 바꾸기',
    unverified: '비밀번호로 추가됨, 확인되지 않음',
    verify: '확인',
    verifyOne: '{{name}} 확인',
    verifyTitle: '{{name}} 기기를 확인할까요?',
    verifyWhat:
      '{{name}} 기기는 비밀번호와 비밀 키로 들어왔습니다. 직접 추가한 내 기기라면 확인하세요. 아니라면 제거하세요.',
    revoke: '제거',
    revokeOne: '{{name}} 제거',
    revokeTitle: '{{name}} 기기를 계정에서 제거할까요?',
    revokeWhat:
      '이제부터 {{name}} 기기는 여기 있는 것을 읽거나 바꿀 수 없고, 그 기기에 없는 새 키가 만들어집니다. 되돌릴 수 없으며, 새 기기로 다시 연결할 수는 있습니다.',
    revokeStays: '그 기기의 디스크에 이미 있는 파일은 그대로 남습니다.',
    revoked: '{{name}} 기기를 제거했습니다.',
  },
};
