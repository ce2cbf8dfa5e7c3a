import type { attention as english } from '../en/attention.ts';
import type { Worded } from '../worded.ts';

export const attention: Worded<typeof english> = {
  attention: {
    title: '확인 필요',
    massDeletes_one: '{{where}} 파일 {{count, number}}개가 삭제되었습니다.',
    massDeletes_other: '{{where}} 몇 분 사이에 파일 {{count, number}}개가 삭제되었습니다.',
    massRewrites_one: '{{where}} 파일 {{count, number}}개의 내용이 바뀌었습니다.',
    massRewrites_other: '{{where}} 몇 분 사이에 파일 {{count, number}}개의 내용이 바뀌었습니다.',
    massBoth:
      '{{where}} 몇 분 사이에 파일 {{deletes, number}}개가 삭제되고 {{rewrites, number}}개의 내용이 바뀌었습니다.',
    massHere: '이 기기에서',
    massElsewhere: '다른 기기에서',
    massHeldUp: '보류했습니다. 다른 기기에는 이전 그대로 남아 있습니다.',
    massHeldDown: '보류했습니다. 이 기기에는 이전 그대로 남아 있습니다.',
    confirmDeletes: '모든 기기에서 삭제',
    confirmRewrites: '새 내용으로 두기',
    confirmBoth: '그대로 반영',
    decide: '결정하기',
    leave: '여기서 로그아웃',
    goOn: '이어서 진행',
    locate: '폴더 찾기',
    locateLabel: '폴더가 지금 있는 곳',
    locateHere: '여기입니다',
    reject: '되돌리기',
    confirmSure: '정말인가요? 한 번 더 누르면 진행합니다',
    codes: {
      'conflict-copy': '두 기기에서 바뀌었습니다. 둘 다 보관했습니다.',
      'mass-change': '많은 파일이 한꺼번에 바뀌었습니다. 결정할 때까지 보류합니다.',
      'never-downloaded': '다른 기기에서 삭제되었지만 여기에는 받은 적이 없습니다. 서버에는 남아 있습니다.',
      'access-denied': '읽거나 쓸 권한이 없습니다. 사용자에게 권한을 주세요.',
      'read-only': '읽기 전용입니다. 다른 기기의 변경은 기다립니다.',
      'name-too-long': '이 디스크에는 이름이나 전체 경로가 너무 깁니다. 이름이나 상위 폴더의 이름을 줄여 주세요.',
      'name-illegal': '이 디스크에서 쓸 수 없는 이름입니다. 다른 기기에서 바꿔 주세요.',
      'other-disk':
        '다른 기기에서 이 폴더를 여기 연결된 다른 디스크로 옮겼습니다. 폴더는 디스크 사이로 옮겨 드리지 않으니 직접 옮겨 주세요.',
      'special-file': '파일, 폴더, 링크가 아니어서 이 기기에만 둡니다.',
      'case-twin': '대소문자만 다른 이름을 이 디스크는 구별하지 못합니다. 둘 중 하나의 이름을 바꿔 주세요.',
      'ignored-in-the-way':
        '무시 규칙으로 제외한 항목이 같은 이름을 쓰고 있습니다. 그 이름을 바꾸거나 규칙을 고쳐 주세요.',
      'file-busy': '다른 프로그램이 사용하고 있습니다. 놓아주면 바로 이어집니다.',
      'disk-full': '디스크가 가득 찼습니다. 공간을 비우면 저절로 이어집니다.',
      'disk-error': '디스크에 오류가 있습니다. 디스크를 확인해 주세요. 서버의 사본은 온전합니다.',
      'watch-limit':
        '시스템이 폴더를 더는 지켜보지 못해 일부 변경은 한 시간마다 훑어볼 때에야 찾습니다. 잃는 것은 없습니다. 무엇을 올리면 되는지는 설정의 진단에서 알려 드립니다.',
      'root-missing':
        '폴더가 있던 자리에 없습니다. 아무것도 삭제하지 않았습니다. 되돌려 놓거나 지금 있는 곳을 알려 주세요.',
      'root-replaced':
        '그 자리에 다른 폴더가 있습니다. 아무것도 삭제하지 않았습니다. 예전 폴더를 되돌려 놓거나 어느 폴더인지 알려 주세요.',
      'volume-missing': '디스크가 연결되어 있지 않습니다. 아무것도 삭제하지 않았습니다. 다시 연결해 주세요.',
      'quota-exceeded': '저장 공간이 가득 차서 아직 안전하지 않습니다. 공간을 비우거나 늘려 주세요.',
      'server-full': '서버의 디스크가 가득 차서 아직 안전하지 않습니다. 서버 관리자가 공간을 마련해야 합니다.',
      'nested-too-deep':
        '폴더가 너무 깊이 겹쳐 있어 서버가 받지 못했고, 아직 안전하지 않습니다. 상위 폴더 하나를 위로 옮겨 주세요.',
      'change-refused':
        '서버가 이 변경을 받아들이지 않아 아직 안전하지 않습니다. 나머지는 계속합니다. 이 기기와 서버의 Onefold를 업데이트하거나 서버 관리자에게 알려 주세요.',
      'content-lost':
        '서버가 이 버전을 잃었고, 이 기기에는 사본이 없습니다. 사본이 남아 있는 기기가 저절로 다시 보냅니다. 어느 기기에도 없다면 여기 있는 파일을 그대로 고쳐 쓰거나 “버전”에서 이전 버전을 되돌리세요. 그것이 그 자리를 대신하고, 잃은 버전이 나중에 나타나면 옆에 따로 남깁니다.',
      'server-restored':
        '백업을 되돌렸을 때처럼 서버가 예전 상태로 돌아갔습니다. 의도한 일이라고 알려 주실 때까지 아무것도 보내지 않습니다. 그 뒤에는 서버가 잃은 것을 여기서 다시 보내며, 이 때문에 지워지는 것은 없습니다.',
      'key-missing': '아직 열쇠가 도착하지 않았습니다. 다른 기기를 온라인으로 두세요.',
      'node-quarantined': '가진 열쇠로 열 수 없습니다. 그대로 두고 나머지를 계속합니다.',
      'device-cloned': '같은 기기가 둘 있습니다. 시스템을 복사했거나 복원한 듯합니다. 한쪽에서 새로 로그인해 주세요.',
      'state-corrupt': 'Onefold의 기록이 손상되어 새로 만들고 있습니다. 파일은 건드리지 않습니다.',
      'login-failed': '서버가 이 기기를 받아들이지 않습니다. 다시 로그인해 주세요.',
      'device-revoked': '이 기기는 계정에서 제거되었습니다. 여기 파일은 그대로 남고, 더 이상 맞춰지지 않습니다.',
      'account-deleted': '내 다른 기기에서 계정을 삭제했습니다. 여기 파일은 그대로 남고, 더 이상 맞춰지지 않습니다.',
      security: '서버가 보낸 것의 서명이 올바르지 않습니다. 아무것도 쓰지 않았습니다. 서버 관리자에게 알려 주세요.',
    },
    codesRest: '“onefold doctor”로 살펴봐 주세요.',
  },
};
